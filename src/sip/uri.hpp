#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "sip/address.hpp"
#include "sip/params.hpp"

namespace carillon::sip {

inline constexpr std::uint16_t default_sip_port = 5060;
inline constexpr std::uint16_t default_sips_port = 5061;
inline constexpr std::uint16_t default_ws_port = 80;  // RFC 7118, 5.4
inline constexpr std::uint16_t default_wss_port = 443;

/// Where this kind of SIP is served if nobody says otherwise.
[[nodiscard]] std::uint16_t default_port(Transport transport);

/// A SIP or SIPS URI (RFC 3261, 19.1), taken apart; escapes in the user part are resolved, but for
/// "%00".
/// Of any other scheme only the scheme is known.
struct Uri {
  std::string scheme{};  ///< Lower case.
  std::string user{};
  std::string password{};
  std::string host{};    ///< Lower case; an IPv6 address without brackets.
  std::uint16_t port{};  ///< 0: not given.
  Params params{};
  bool has_headers{false};  ///< "?name=value" follows.

  /// `malformed` unless `text` is a URI; a SIP URI must name a host.
  [[nodiscard]] static Result<Uri> parse(std::string_view text);
  /// The same by libosip2 alone, which parse() asks about what is not plain.
  [[nodiscard]] static Result<Uri> parse_with_library(std::string_view text);

  [[nodiscard]] bool is_sip() const { return scheme == "sip" || is_sips(); }
  [[nodiscard]] bool is_sips() const { return scheme == "sips"; }
  [[nodiscard]] const Param* param(std::string_view name) const { return find_param(params, name); }
  /// As the transport parameter and the scheme have it, UDP (or TLS) if there is none; nothing if
  /// it is unknown to us, or cannot be secured. Never `tls_peer`, which looks like TLS.
  [[nodiscard]] std::optional<Transport> transport() const;
  /// The host and the port, the default one if none is given.
  [[nodiscard]] HostPort host_port() const;

  /// Member by member; `equivalent` is what RFC 3261 means.
  friend bool operator==(const Uri&, const Uri&) = default;
};

/// The text of a sips: URI.
[[nodiscard]] bool is_sips(std::string_view uri);

/// The comparison of 19.1.4, but for headers, which never make two contacts differ here.
[[nodiscard]] bool equivalent(const Uri& a, const Uri& b);

/// "alice@example.org": user unescaped, host in lower case, no scheme, port or parameters
/// (RFC 3261, 10.3 step 5; RFC 7904, 2). Nothing without a user.
[[nodiscard]] std::string address_of_record(const Uri& uri);

}  // namespace carillon::sip
