#include "wire/destination.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

constexpr std::uint8_t compact_bit = 0x80;

}  // namespace

OpaqueId OpaqueId::from_u16(std::uint16_t value) {
  return {{static_cast<std::uint8_t>((value >> 8) | compact_bit),
           static_cast<std::uint8_t>(value & 0xff)},
          true};
}

DestinationType Destination::type() const {
  if (const auto* unknown = std::get_if<UnknownDestination>(&destination_data)) {
    return unknown->type;
  }
  if (node_id() != nullptr) return DestinationType::node;
  return resource_id() != nullptr ? DestinationType::resource : DestinationType::opaque_id_type;
}

//   select (destination_type) {
//    case node:
//           NodeId               node_id;
//    case resource:
//           ResourceId           resource_id;
//    case opaque_id_type:
//           opaque               opaque_id<0..2^8-1>;
//        /* This structure may be extended with new types */
//   } DestinationData;
//
//   struct {
//      DestinationType         type;               /* 1 to 127 */
//      uint8                   length;
//      DestinationData         destination_data;
//   } Destination;
//
//   struct {
//      uint16               opaque_id; /* Top bit MUST be 1 */
//   } Destination;
//
// Note the double length of the long forms:
//   node      01 10 <16 octets>
//   resource  02 11 10 <16 octets>
//   opaque    03 n+1 n <n octets>
Destination Destination::decode(Reader& reader) {
  const std::size_t start = reader.offset();
  const std::uint8_t first = reader.u8("Destination.type");
  if ((first & compact_bit) != 0) {
    return OpaqueId{{first, reader.u8("Destination.opaque_id")}, true};
  }
  const auto type = static_cast<DestinationType>(first);
  if (type == DestinationType::invalid_destination_type) {
    reader.reject_at("Destination.type", start, "is 0, which is invalid");
  }
  const std::size_t length = reader.u8("Destination.length");
  return within(reader, length, "Destination", [&](Reader& inner) -> Destination {
    switch (type) {
      case DestinationType::node:
        return read_node_id(inner, "Destination.node_id");
      case DestinationType::resource:
        return read_resource_id(inner, "Destination.resource_id");
      case DestinationType::opaque_id_type:
        return OpaqueId{read_opaque(inner, 1, "Destination.opaque_id"), false};
      default:
        return UnknownDestination{type, to_bytes(inner.rest())};
    }
  });
}

void Destination::encode(Writer& writer) const {
  if (opaque_id() != nullptr && opaque_id()->compact) {
    writer.bytes(opaque_id()->opaque_id);
    return;
  }
  writer.u8(static_cast<std::uint8_t>(type()));
  writer.sized(1, [&](Writer& inner) {
    if (const auto* node = node_id()) {
      write_node_id(inner, *node);
    } else if (const auto* resource = resource_id()) {
      write_resource_id(inner, *resource);
    } else if (const auto* opaque = opaque_id()) {
      inner.opaque8(opaque->opaque_id);
    } else {
      inner.bytes(std::get<UnknownDestination>(destination_data).octets);
    }
  });
}

}  // namespace carillon::wire
