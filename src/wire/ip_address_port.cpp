#include "wire/ip_address_port.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

template <typename AddrPort>
AddrPort read_addr_port(Reader& reader, const char* addr, const char* port) {
  AddrPort value;
  const ByteView octets = reader.bytes(value.addr.size(), addr);
  std::ranges::copy(octets, value.addr.begin());
  value.port = reader.u16(port);
  return value;
}

template <typename AddrPort>
void write_addr_port(Writer& writer, const AddrPort& value) {
  writer.bytes(value.addr);
  writer.u16(value.port);
}

}  // namespace

AddressType IpAddressPort::type() const {
  if (const auto* unknown = std::get_if<UnknownAddrPort>(&addr_port)) return unknown->type;
  return std::holds_alternative<IPv4AddrPort>(addr_port) ? AddressType::ipv4_address
                                                         : AddressType::ipv6_address;
}

//   enum { invalidAddressType(0), ipv4_address(1), ipv6_address(2), (255) } AddressType;
//
//   struct {
//     uint32                  addr;
//     uint16                  port;
//   } IPv4AddrPort;
//
//   struct {
//     uint128                 addr;
//     uint16                  port;
//   } IPv6AddrPort;
//
//   struct {
//     AddressType             type;
//     uint8                   length;
//     select (type) {
//       case ipv4_address:
//          IPv4AddrPort       v4addr_port;
//       case ipv6_address:
//          IPv6AddrPort       v6addr_port;
//       /* This structure can be extended */
//     };
//   } IpAddressPort;
IpAddressPort IpAddressPort::decode(Reader& reader) {
  const auto type = static_cast<AddressType>(reader.u8("IpAddressPort.type"));
  const std::size_t length = reader.u8("IpAddressPort.length");
  return within(reader, length, "IpAddressPort", [&](Reader& inner) -> IpAddressPort {
    switch (type) {
      case AddressType::ipv4_address:
        return {read_addr_port<IPv4AddrPort>(inner, "IPv4AddrPort.addr", "IPv4AddrPort.port")};
      case AddressType::ipv6_address:
        return {read_addr_port<IPv6AddrPort>(inner, "IPv6AddrPort.addr", "IPv6AddrPort.port")};
      default:
        return {UnknownAddrPort{type, to_bytes(inner.rest())}};
    }
  });
}

void IpAddressPort::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type()));
  writer.sized(1, [&](Writer& inner) {
    if (const auto* v4 = std::get_if<IPv4AddrPort>(&addr_port)) {
      write_addr_port(inner, *v4);
    } else if (const auto* v6 = std::get_if<IPv6AddrPort>(&addr_port)) {
      write_addr_port(inner, *v6);
    } else {
      inner.bytes(std::get<UnknownAddrPort>(addr_port).octets);
    }
  });
}

}  // namespace carillon::wire
