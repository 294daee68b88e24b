#include "wire/forwarding_header.hpp"

namespace carillon::wire {
namespace {

/// A Resource-ID may only stand at the very end, and never in a Via List (6.3.2.2).
void check_resource_places(Reader& reader, const DestinationList& list, bool may_end_in_resource,
                           const char* field, std::size_t at) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].resource_id() == nullptr) continue;
    if (may_end_in_resource && i + 1 == list.size()) continue;
    reader.reject_at(field, at, "has a Resource-ID where none may be");
  }
}

DestinationList read_destinations(Reader& reader, std::size_t length, bool may_end_in_resource,
                                  const char* field) {
  const std::size_t at = reader.offset();
  DestinationList list = within(reader, length, field, [](Reader& inner) {
    DestinationList destinations;
    while (!inner.at_end())
      destinations.push_back(Destination::decode(inner));
    return destinations;
  });
  check_resource_places(reader, list, may_end_in_resource, field, at);
  return list;
}

/// The part before the three length fields.
void read_fixed_part(Reader& reader, ForwardingHeader& header) {
  const std::size_t start = reader.offset();
  const std::uint32_t token = reader.u32("ForwardingHeader.relo_token");
  if (token != ForwardingHeader::relo_token) {
    reader.reject_at("ForwardingHeader.relo_token", start,
                     "is " + hex_number(token) + ", must be 0xd2454c4f");
  }
  header.overlay = static_cast<OverlayHash>(reader.u32("ForwardingHeader.overlay"));
  header.configuration_sequence = reader.u16("ForwardingHeader.configuration_sequence");
  const std::size_t version_at = reader.offset();
  header.version = reader.u8("ForwardingHeader.version");
  if (header.version != ForwardingHeader::version_1_0) {
    reader.reject_at("ForwardingHeader.version", version_at,
                     "is " + hex_number(header.version) + ", must be 0xa");
  }
  header.ttl = reader.u8("ForwardingHeader.ttl");
  header.fragment = Fragment::decode(reader);
  header.length = reader.u32("ForwardingHeader.length");
  header.transaction_id = static_cast<TransactionId>(reader.u64("ForwardingHeader.transaction_id"));
  header.max_response_length = reader.u32("ForwardingHeader.max_response_length");
}

template <typename T>
std::size_t write_all(Writer& writer, const std::vector<T>& list) {
  const std::size_t start = writer.size();
  for (const T& element : list)
    element.encode(writer);
  return writer.size() - start;
}

}  // namespace

//   struct {
//     uint32             relo_token;                            offset 0
//     uint32             overlay;                                      4
//     uint16             configuration_sequence;                       8
//     uint8              version;                                     10
//     uint8              ttl;                                         11
//     uint32             fragment;                                    12
//     uint32             length;                                      16
//     uint64             transaction_id;                              20
//     uint32             max_response_length;                         28
//     uint16             via_list_length;                             32
//     uint16             destination_list_length;                     34
//     uint16             options_length;                              36
//     Destination        via_list[via_list_length];                   38
//     Destination        destination_list[destination_list_length];
//     ForwardingOption   options[options_length];
//   } ForwardingHeader;
ForwardingHeader ForwardingHeader::decode(Reader& reader) {
  ForwardingHeader header;
  const std::size_t start = reader.offset();
  read_fixed_part(reader, header);
  const std::size_t via_list_length = reader.u16("ForwardingHeader.via_list_length");
  const std::size_t destination_list_length =
      reader.u16("ForwardingHeader.destination_list_length");
  const std::size_t options_length = reader.u16("ForwardingHeader.options_length");
  header.via_list = read_destinations(reader, via_list_length, false, "ForwardingHeader.via_list");
  header.destination_list =
      read_destinations(reader, destination_list_length, true, "ForwardingHeader.destination_list");
  header.options = within(reader, options_length, "ForwardingHeader.options", [](Reader& inner) {
    std::vector<ForwardingOption> options;
    while (!inner.at_end())
      options.push_back(ForwardingOption::decode(inner));
    return options;
  });
  const std::size_t size = reader.offset() - start;
  if (header.length < size) {
    reader.reject_at(
        "ForwardingHeader.length", start + length_offset,
        "is " + std::to_string(header.length) + ", the header alone has " + std::to_string(size));
  }
  return header;
}

void ForwardingHeader::encode(Writer& writer) const {
  writer.u32(relo_token);
  writer.u32(static_cast<std::uint32_t>(overlay));
  writer.u16(configuration_sequence);
  writer.u8(version);
  writer.u8(ttl);
  fragment.encode(writer);
  writer.u32(length);
  writer.u64(static_cast<std::uint64_t>(transaction_id));
  writer.u32(max_response_length);
  const std::size_t lengths_at = writer.size();
  writer.u16(0);
  writer.u16(0);
  writer.u16(0);
  writer.patch(lengths_at, write_all(writer, via_list), 2);
  writer.patch(lengths_at + 2, write_all(writer, destination_list), 2);
  writer.patch(lengths_at + 4, write_all(writer, options), 2);
}

}  // namespace carillon::wire
