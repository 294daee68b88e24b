#include <algorithm>
#include <array>
#include <charconv>

#include "sip/digest.hpp"
#include "sip/osip.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

Result<DigestCredentials> malformed_credentials(const char* detail) {
  return fail(ErrorCode::malformed, "credentials", detail);
}

bool is_complete(const DigestCredentials& credentials) {
  return !credentials.username.empty() && !credentials.nonce.empty() && !credentials.uri.empty() &&
         !credentials.response.empty();
}

struct CredentialsField {
  std::string_view name;
  std::string DigestCredentials::* member;
  bool quoted;
};

constexpr std::array<CredentialsField, 9> credentials_fields{{
    {"username", &DigestCredentials::username, true},
    {"realm", &DigestCredentials::realm, true},
    {"nonce", &DigestCredentials::nonce, true},
    {"uri", &DigestCredentials::uri, true},
    {"response", &DigestCredentials::response, true},
    {"algorithm", &DigestCredentials::algorithm, false},
    {"cnonce", &DigestCredentials::cnonce, true},
    {"qop", &DigestCredentials::qop, false},
    {"nc", &DigestCredentials::nonce_count, false},
}};

/// Cuts a value off the front of `rest`, without its quotes; empty if it is not plain.
std::string_view take_plain_value(std::string_view& rest, bool quoted) {
  if (quoted && !rest.starts_with('"')) return {};
  if (quoted) rest.remove_prefix(1);
  const auto end = std::min(rest.find(quoted ? '"' : ','), rest.size());
  if (quoted && end == rest.size()) return {};
  const auto value = rest.substr(0, end);
  rest.remove_prefix(quoted ? end + 1 : end);
  const bool plain = quoted ? value.find('\\') == std::string_view::npos : is_token(value);
  return plain ? value : std::string_view{};
}

/// `Digest name="value", name=value`: each name once, no value empty, one space after a comma or
/// none.
std::optional<DigestCredentials> plain_credentials(std::string_view header) {
  constexpr std::string_view scheme = "Digest ";
  // libosip2 overlooks what is shorter at the end.
  constexpr std::size_t shortest = std::string_view{"nc=123"}.size();
  if (!header.starts_with(scheme) || !osip::acceptable(header)) return std::nullopt;
  auto rest = header.substr(scheme.size());
  DigestCredentials out;
  while (true) {
    const auto name = rest.substr(0, std::min(rest.find('='), rest.size()));
    const auto field = std::ranges::find(credentials_fields, name, &CredentialsField::name);
    if (field == credentials_fields.end() || name.size() == rest.size()) return std::nullopt;
    rest.remove_prefix(name.size() + 1);
    const auto value = take_plain_value(rest, field->quoted);
    auto& known = out.*field->member;
    if (value.empty() || !known.empty() || name.size() + 1 + value.size() < shortest) {
      return std::nullopt;
    }
    known = value;
    if (rest.empty()) break;
    if (!rest.starts_with(',')) return std::nullopt;
    rest.remove_prefix(rest.starts_with(", ") ? 2 : 1);
  }
  if (!is_complete(out)) return std::nullopt;
  return out;
}

}  // namespace

Result<DigestCredentials> DigestCredentials::parse(std::string_view header) {
  if (auto plain = plain_credentials(header)) return *std::move(plain);
  return parse_with_library(header);
}

Result<DigestCredentials> DigestCredentials::parse_with_library(std::string_view header) {
  if (!osip::acceptable(header)) {
    return malformed_credentials("empty, or a control character in them");
  }
  const auto parsed = osip::make<osip::Authorization>(osip_authorization_init);
  const std::string copy{header};
  if (!parsed || osip_authorization_parse(parsed.get(), copy.c_str()) != 0) {
    return malformed_credentials("syntax");
  }
  if (!iequals(trim(osip::text(parsed->auth_type)), "Digest")) {
    return malformed_credentials("not Digest");
  }
  DigestCredentials out;
  out.username = unquoted(osip::text(parsed->username));
  out.realm = unquoted(osip::text(parsed->realm));
  out.nonce = unquoted(osip::text(parsed->nonce));
  out.uri = unquoted(osip::text(parsed->uri));
  out.response = unquoted(osip::text(parsed->response));
  out.algorithm = unquoted(osip::text(parsed->algorithm));
  out.cnonce = unquoted(osip::text(parsed->cnonce));
  out.qop = unquoted(osip::text(parsed->message_qop));
  out.nonce_count = unquoted(osip::text(parsed->nonce_count));
  if (!is_complete(out)) {
    return malformed_credentials("username, nonce, uri or response is missing");
  }
  return out;
}

std::optional<std::uint32_t> DigestCredentials::count() const {
  if (nonce_count.empty() || nonce_count.size() > 8) return std::nullopt;
  std::uint32_t value = 0;
  const auto* end = nonce_count.data() + nonce_count.size();
  const auto [at, error] = std::from_chars(nonce_count.data(), end, value, 16);
  if (error != std::errc{} || at != end) return std::nullopt;
  return value;
}

}  // namespace carillon::sip
