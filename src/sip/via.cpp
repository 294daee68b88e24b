#include "sip/via.hpp"

#include <algorithm>
#include <utility>

#include "sip/osip.hpp"
#include "sip/plain_syntax.hpp"
#include "sip/text.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {
namespace {

/// No white space, and nothing that ends a parameter or a header where it stands.
bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t;,\"<>") == std::string_view::npos;
}

/// A quoted-string (RFC 3261, 25.1) from its first octet to its last.
bool is_quoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"') return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i == text.size() - 1;
    }
  }
  return false;
}

/// libosip2 takes nearly everything; what it takes we write into the Via that goes on.
bool is_sound(const Param& param) {
  return is_plain(param.name) &&
         (!param.value || is_plain(*param.value) || is_quoted(*param.value));
}

/// "SIP/2.0/UDP host:port;name=value", of which only the port and the parameters may be missing.
std::optional<Via> plain_via(std::string_view text) {
  constexpr std::string_view start = "SIP/2.0/";
  if (!text.starts_with(start)) return std::nullopt;
  text.remove_prefix(start.size());
  Via via;
  via.transport = text.substr(0, std::min(text.find(' '), text.size()));
  const bool upper =
      std::ranges::all_of(via.transport, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (via.transport.empty() || !upper) return std::nullopt;
  text.remove_prefix(std::min(via.transport.size() + 1, text.size()));
  const auto place = text.substr(0, text.find(';'));
  auto host_port = plain_host_port(place);
  auto params = plain_params(text.substr(place.size()));
  if (!host_port || !params) return std::nullopt;
  via.host = std::move(host_port->host);
  via.port = host_port->port;
  via.params = *std::move(params);
  return via;
}

}  // namespace

Result<Via> Via::parse(std::string_view text) {
  if (auto via = plain_via(text)) return *std::move(via);
  return parse_with_library(text);
}

Result<Via> Via::parse_with_library(std::string_view text) {
  const auto malformed = [](std::string detail) {
    return fail(ErrorCode::malformed, "Via", std::move(detail));
  };
  if (!osip::acceptable(text)) return malformed("empty, or a control character in it");
  const auto parsed = osip::make<osip::Via>(osip_via_init);
  const std::string copy{text};
  if (!parsed || osip_via_parse(parsed.get(), copy.c_str()) != 0) return malformed("syntax");
  Via via;
  if (trim(osip::text(parsed->version)) != "2.0") return malformed("not SIP/2.0");
  via.transport = trim(osip::text(parsed->protocol));
  std::ranges::transform(via.transport, via.transport.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (!is_token(via.transport)) return malformed("no valid transport");
  via.host = lower_case(trim(osip::text(parsed->host)));
  if (!is_host(via.host)) return malformed("no valid host");
  if (parsed->port != nullptr) {
    const auto port = decimal(trim(parsed->port), 65535);
    if (!port) return malformed("the port is not one");
    via.port = static_cast<std::uint16_t>(*port);
  }
  via.params = osip::params(parsed->via_params);
  if (!std::ranges::all_of(via.params, is_sound)) return malformed("a parameter is not one");
  return via;
}

std::string Via::text() const {
  std::string out = "SIP/2.0/" + transport + " ";
  out += host_text(host);
  if (port != 0) out.append(":").append(std::to_string(port));
  for (const auto& param : params) {
    out.append(";").append(param.name);
    if (param.value) out.append("=").append(*param.value);
  }
  return out;
}

HostPort Via::sent_by() const {
  auto fallback = default_sip_port;
  if (transport == "TLS") fallback = default_sips_port;
  if (transport == "WS") fallback = default_ws_port;
  if (transport == "WSS") fallback = default_wss_port;
  return {canonical_ip(host).value_or(host), port != 0 ? port : fallback};
}

}  // namespace carillon::sip
