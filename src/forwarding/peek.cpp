#include "forwarding/peek.hpp"

namespace carillon::forwarding {

using wire::ForwardingHeader;

Peeked peek(const ForwardingHeader& header, ByteView payload) {
  if (header.fragment.offset != 0 || payload.size() < peek_size) return {};
  Reader reader(payload);
  const auto code = static_cast<wire::MessageCode>(reader.u16("message_code"));
  return {code, wire::is_request(code), wire::is_response(code)};
}

std::size_t peek_header_size(ByteView start) {
  constexpr std::size_t list_lengths = std::size_t{3} * 2;
  Reader reader(start.subspan(ForwardingHeader::fixed_size - list_lengths, list_lengths));
  std::size_t size = ForwardingHeader::fixed_size;
  size += reader.u16("via_list_length");
  size += reader.u16("destination_list_length");
  size += reader.u16("options_length");
  return size;
}

}  // namespace carillon::forwarding
