#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "wire/codec.hpp"

namespace carillon::wire {

enum class AddressType : std::uint8_t {
  invalid_address_type = 0,
  ipv4_address = 1,
  ipv6_address = 2
};

struct IPv4AddrPort {
  std::array<std::uint8_t, 4> addr{};
  std::uint16_t port{};
  friend bool operator==(const IPv4AddrPort&, const IPv4AddrPort&) = default;
};

struct IPv6AddrPort {
  std::array<std::uint8_t, 16> addr{};
  std::uint16_t port{};
  friend bool operator==(const IPv6AddrPort&, const IPv6AddrPort&) = default;
};

/// An address of a type that we don't know; kept as it came.
struct UnknownAddrPort {
  AddressType type{};
  Bytes octets{};
  friend bool operator==(const UnknownAddrPort&, const UnknownAddrPort&) = default;
};

/// RFC 6940, 6.3.1.1.
struct IpAddressPort {
  std::variant<IPv4AddrPort, IPv6AddrPort, UnknownAddrPort> addr_port{};

  [[nodiscard]] AddressType type() const;
  [[nodiscard]] static IpAddressPort decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const IpAddressPort&, const IpAddressPort&) = default;

  /// "192.0.2.1:6084" or "[2001:db8::1]:6084" (RFC 5952); "type N" for an unknown type.
  [[nodiscard]] std::string to_text() const;
  /// The reverse of `to_text` for numeric addresses; `malformed` for anything else, names included.
  [[nodiscard]] static Result<IpAddressPort> from_text(std::string_view text);
};

}  // namespace carillon::wire
