#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <carillon/error.hpp>

namespace carillon::io {

/// A host, which may be a name, and a port, as somebody wrote it.
struct HostAndPort {
  std::string host{};
  std::uint16_t port{};

  friend auto operator<=>(const HostAndPort&, const HostAndPort&) = default;
};

/// "192.0.2.1:6084", "[2001:db8::1]:6084", "peer.example.org:6084". `invalid_argument` otherwise.
[[nodiscard]] Result<HostAndPort> parse_host_and_port(std::string_view text);
/// The same in text again; an IPv6 address gets its brackets.
[[nodiscard]] std::string to_text(std::string_view host, std::uint16_t port);

/// The addresses of a host, asking the resolver if it is a name: that may block, so it is for
/// starting up only. `not_found` with the resolver's reason.
[[nodiscard]] Result<std::vector<boost::asio::ip::address>> resolve(const std::string& host);

/// Canonical text of an address; IPv4 mapped into IPv6 becomes IPv4 again.
[[nodiscard]] std::string host_text(const boost::asio::ip::address& address);

/// The address to tell others when we listen on `address`: itself, or if that is a wildcard the one
/// that this machine would send from to the rest of the world (loopback if it has no route there).
[[nodiscard]] boost::asio::ip::address advertised_address(const boost::asio::ip::address& address);

}  // namespace carillon::io
