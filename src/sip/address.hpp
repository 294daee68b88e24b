#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::sip {

/// How SIP travels (RFC 3261, 18; RFC 7118 for WebSocket). `tls_peer` is the connection between two
/// peers of the overlay, both sides authenticated by overlay certificates.
enum class Transport : std::uint8_t { udp, tcp, tls, ws, wss, tls_peer };

/// "UDP", "TCP", "TLS", "WS", "WSS": as a Via header has it.
[[nodiscard]] std::string_view via_name(Transport transport);
/// "udp", "tcp", "tls", "ws": as a URI's transport parameter has it; "ws" is WebSocket with and
/// without TLS (RFC 7118, 5.2).
[[nodiscard]] std::string_view uri_name(Transport transport);
[[nodiscard]] constexpr bool is_reliable(Transport transport) {
  return transport != Transport::udp;
}
/// Under TLS: a sips: request may pass (RFC 3261, 26.2.2).
[[nodiscard]] constexpr bool is_secure(Transport transport) {
  return transport == Transport::tls || transport == Transport::wss ||
         transport == Transport::tls_peer;
}
/// One message of a WebSocket is one of SIP (RFC 7118, 5).
[[nodiscard]] constexpr bool is_web_socket(Transport transport) {
  return transport == Transport::ws || transport == Transport::wss;
}

/// A host and a port. The host is an IP address in its canonical text (RFC 5952 for IPv6, without
/// brackets) wherever the driver gives or gets one.
struct HostPort {
  std::string host{};
  std::uint16_t port{};

  /// "192.0.2.1:5060", "[2001:db8::1]:5060"
  [[nodiscard]] std::string text() const;
  friend auto operator<=>(const HostPort&, const HostPort&) = default;
};

/// The canonical text of an IPv4 or IPv6 address (brackets are taken off); nothing if `host` is
/// not an address but a name.
[[nodiscard]] std::optional<std::string> canonical_ip(std::string_view host);
/// Of a canonical address.
[[nodiscard]] inline bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos;
}
/// As it stands in a URI or a Via: an IPv6 address in brackets.
[[nodiscard]] std::string host_text(std::string_view host);
/// An IP address as a number; IPv4 as IPv6 maps it (::ffff:0:0/96; RFC 4291, 2.5.5.2).
struct IpAddress {
  std::uint64_t high{};
  std::uint64_t low{};
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};
/// Nothing if `host` is not an address.
[[nodiscard]] std::optional<IpAddress> ip_address(std::string_view host);
/// Letters (lower case), digits, '.', '-' and '_', or an IPv6 address without brackets: nothing
/// that could break a header.
[[nodiscard]] bool is_host(std::string_view host);

/// A connection, opened by either side. The core numbers them; a number is never used again.
enum class FlowId : std::uint64_t { none = 0 };

/// A socket on which the driver listens.
enum class LocalTransportId : std::uint32_t { none = 0 };

}  // namespace carillon::sip

template <>
struct std::hash<carillon::sip::HostPort> {
  std::size_t operator()(const carillon::sip::HostPort& at) const noexcept {
    return std::hash<std::string>{}(at.host) * 31 + at.port;
  }
};
