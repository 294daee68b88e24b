#include "io/socket_address.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/io_context.hpp>

namespace carillon::io {

namespace ip = boost::asio::ip;

Result<HostAndPort> parse_host_and_port(std::string_view text) {
  const auto wrong = [text](const char* why) {
    return fail(ErrorCode::invalid_argument, "address",
                "\"" + std::string(text) + "\" " + why + "; host:port is wanted");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("is an IPv6 address without brackets");
  }
  if (host.empty()) return wrong("has no host");
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return wrong("has no valid port");
  }
  return HostAndPort{std::string(host), port};
}

std::string to_text(std::string_view host, std::uint16_t port) {
  const bool bracketed = host.find(':') != std::string_view::npos;
  std::string text;
  if (bracketed) text += '[';
  text += host;
  if (bracketed) text += ']';
  return text + ":" + std::to_string(port);
}

Result<std::vector<ip::address>> resolve(const std::string& host) {
  boost::system::error_code error;
  if (const auto address = ip::make_address(host, error); !error) return std::vector{address};
  boost::asio::io_context context;
  ip::tcp::resolver resolver(context);
  std::vector<ip::address> addresses;
  for (const auto& entry : resolver.resolve(host, "", error)) {
    const auto address = entry.endpoint().address();
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (error || addresses.empty()) return fail(ErrorCode::not_found, host, error.message());
  return addresses;
}

std::string host_text(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

ip::address advertised_address(const ip::address& address) {
  if (!address.is_unspecified()) return address;
  // Connecting a UDP socket sends nothing; it only asks the routing table. The addresses are those
  // of documentation (RFC 5737, RFC 3849), which every default route covers.
  const bool v6 = address.is_v6();
  const auto far = ip::make_address(v6 ? "2001:db8::1" : "192.0.2.1");
  boost::asio::io_context context;
  ip::udp::socket socket(context);
  boost::system::error_code error;
  socket.connect({far, 9}, error);
  const auto local = error ? ip::udp::endpoint{} : socket.local_endpoint(error);
  if (!error) return local.address();
  if (v6) return ip::address_v6::loopback();
  return ip::address_v4::loopback();
}

}  // namespace carillon::io
