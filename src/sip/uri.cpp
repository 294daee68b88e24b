#include "sip/uri.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sip/osip.hpp"
#include "sip/plain_syntax.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

Result<Uri> malformed(std::string detail) {
  return fail(ErrorCode::malformed, "URI", std::move(detail));
}

bool is_scheme(std::string_view scheme) {
  return !scheme.empty() && std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

/// Parameters that must be in both URIs or in neither (19.1.4).
constexpr std::array<std::string_view, 6> decisive_params{"transport", "user",  "ttl",
                                                          "method",    "maddr", "gr"};

/// A name must not appear more than once (19.1.1).
bool has_param_twice(const Params& params) {
  if (params.size() < 2) return false;
  std::vector<std::string> names;
  names.reserve(params.size());
  for (const auto& param : params)
    names.push_back(lower_case(param.name));
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

bool params_agree(const Uri& a, const Uri& b) {
  for (const auto& param : a.params) {
    const auto* other = b.param(param.name);
    if (other != nullptr) {
      if (!iequals(param.value.value_or(""), other->value.value_or(""))) return false;
    } else if (std::ranges::any_of(decisive_params,
                                   [&](auto name) { return iequals(name, param.name); })) {
      return false;
    }
  }
  return true;
}

/// libosip2 resolves escapes into C strings, which a NUL would cut off (RFC 4475, 3.1.1.4). So
/// "%00" stays as it is; nothing if something else would look like it then.
std::optional<std::string> with_escaped_nuls(std::string_view text) {
  constexpr std::string_view escaped_nul = "%00";
  constexpr std::string_view stays = "%2500";
  if (text.find(stays) != std::string_view::npos) return std::nullopt;
  std::string out{text};
  for (auto at = out.find(escaped_nul); at != std::string::npos;
       at = out.find(escaped_nul, at + stays.size())) {
    out.replace(at, escaped_nul.size(), stays);
  }
  return out;
}

/// "sip:user@host:port;name=value", of which only the scheme and the host must be there.
std::optional<Uri> plain_uri(std::string_view text) {
  Uri uri;
  uri.scheme = text.substr(0, text.find(':'));
  if (!uri.is_sip()) return std::nullopt;
  text.remove_prefix(std::min(uri.scheme.size() + 1, text.size()));
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    uri.user = text.substr(0, at);
    if (!is_plain_word(uri.user)) return std::nullopt;
    text.remove_prefix(at + 1);
  }
  const auto place = text.substr(0, text.find(';'));
  auto host_port = plain_host_port(place);
  auto params = plain_params(text.substr(place.size()));
  if (!host_port || !params || has_param_twice(*params)) return std::nullopt;
  uri.host = std::move(host_port->host);
  uri.port = host_port->port;
  uri.params = *std::move(params);
  return uri;
}

}  // namespace

Result<Uri> Uri::parse(std::string_view text) {
  if (auto uri = plain_uri(text)) return *std::move(uri);
  return parse_with_library(text);
}

Result<Uri> Uri::parse_with_library(std::string_view text) {
  if (!osip::acceptable(text)) return malformed("empty, or a control character in it");
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return malformed("no scheme");
  Uri uri;
  uri.scheme = lower_case(text.substr(0, colon));
  if (!is_scheme(uri.scheme)) return malformed("the scheme is not one");
  if (!uri.is_sip()) return uri;
  if (text.find_first_of(" \t<>\"") != std::string_view::npos) {
    return malformed("white space, quotes or brackets in it");
  }
  const auto parsed = osip::make<osip::Uri>(osip_uri_init);
  const auto copy = with_escaped_nuls(text);
  if (!copy) return malformed("an escaped percent sign before 00");
  if (!parsed || osip_uri_parse(parsed.get(), copy->c_str()) != 0) return malformed("syntax");
  uri.user = osip::text(parsed->username);
  uri.password = osip::text(parsed->password);
  uri.host = lower_case(osip::text(parsed->host));
  if (!is_host(uri.host)) return malformed("no valid host");
  if (parsed->port != nullptr) {
    const auto port = decimal(parsed->port, 65535);
    if (!port || *port == 0) return malformed("the port is not one");
    uri.port = static_cast<std::uint16_t>(*port);
  }
  if (has_control_character(uri.user)) return malformed("an escaped control character in it");
  uri.params = osip::params(parsed->url_params);
  if (has_param_twice(uri.params)) return malformed("a parameter twice");
  uri.has_headers = osip_list_size(&parsed->url_headers) > 0;
  return uri;
}

std::uint16_t default_port(Transport transport) {
  switch (transport) {
    case Transport::ws:
      return default_ws_port;
    case Transport::wss:
      return default_wss_port;
    case Transport::tls:
    case Transport::tls_peer:
      return default_sips_port;
    default:
      return default_sip_port;
  }
}

std::optional<Transport> Uri::transport() const {
  const auto* given = param("transport");
  if (given == nullptr || !given->value) return is_sips() ? Transport::tls : Transport::udp;
  const auto& name = *given->value;
  if (iequals(name, "ws") || iequals(name, "wss")) {
    return is_sips() || name.size() == 3 ? Transport::wss : Transport::ws;
  }
  // "sips:...;transport=tcp" is TLS over TCP (26.2.2).
  if (iequals(name, "tcp")) return is_sips() ? Transport::tls : Transport::tcp;
  if (iequals(name, "tls")) return Transport::tls;
  if (iequals(name, "udp") && !is_sips()) return Transport::udp;
  return std::nullopt;
}

HostPort Uri::host_port() const {
  const auto fallback = transport().value_or(is_sips() ? Transport::tls : Transport::udp);
  return {canonical_ip(host).value_or(host), port != 0 ? port : default_port(fallback)};
}

bool is_sips(std::string_view uri) {
  return iequals(uri.substr(0, 5), "sips:");
}

bool equivalent(const Uri& a, const Uri& b) {
  return a.scheme == b.scheme && a.user == b.user && a.password == b.password && a.port == b.port &&
         canonical_ip(a.host).value_or(a.host) == canonical_ip(b.host).value_or(b.host) &&
         params_agree(a, b) && params_agree(b, a);
}

std::string address_of_record(const Uri& uri) {
  if (uri.user.empty()) return {};
  return uri.user + "@" + (canonical_ip(uri.host).value_or(uri.host));
}

}  // namespace carillon::sip
