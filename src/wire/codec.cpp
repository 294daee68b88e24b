#include "wire/codec.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace carillon::wire {

std::size_t read_length(Reader& reader, std::size_t width, const char* field) {
  switch (width) {
    case 1:
      return reader.u8(field);
    case 2:
      return reader.u16(field);
    case 3:
      return reader.u24(field);
    default:
      return reader.u32(field);
  }
}

Bytes read_opaque(Reader& reader, std::size_t width, const char* field) {
  return to_bytes(reader.bytes(read_length(reader, width, field), field));
}

bool read_boolean(Reader& reader, const char* field) {
  const std::size_t at = reader.offset();
  const std::uint8_t value = reader.u8(field);
  if (value > 1) reader.reject_at(field, at, "is " + hex_number(value) + ", must be 0 or 1");
  return value == 1;
}

NodeId read_node_id(Reader& reader, const char* field) {
  // Fails only where the reader has failed already.
  return NodeId::from_bytes(reader.bytes(NodeId::size, field)).value_or(NodeId{});
}

ResourceId read_resource_id(Reader& reader, const char* field) {
  const std::size_t at = reader.offset();
  ResourceId id{read_opaque(reader, 1, field)};
  // 255 would not fit in a Destination, whose length octet covers this one's.
  if (id.bytes().size() > 254) reader.reject_at(field, at, "has more than 254 octets");
  return id;
}

std::vector<NodeId> read_node_ids(Reader& reader, const char* field) {
  return read_list_of(reader, 2, field,
                      [field](Reader& inner) { return read_node_id(inner, field); });
}

void write_node_ids(Writer& writer, const std::vector<NodeId>& ids) {
  writer.sized(2, [&](Writer& inner) {
    for (const NodeId& id : ids)
      write_node_id(inner, id);
  });
}

std::string hex_number(std::uint64_t value) {
  return fmt::format("{:#x}", value);
}

}  // namespace carillon::wire
