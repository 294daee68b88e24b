#include "wire/message.hpp"

#include <limits>

namespace carillon::wire {
namespace {

template <typename T>
bool fits_its_length_field(const std::vector<T>& list) {
  Writer writer;
  for (const T& element : list)
    element.encode(writer);
  return writer.size() <= ForwardingHeader::max_list_size;
}

}  // namespace

//   +-------------------------+   the header's length counts from here
//   |    Forwarding Header    |
//   +-------------------------+   here starts the payload; fragment offsets count from here
//   |    Message Contents     |   as it came, this is what is signed
//   +-------------------------+
//   |     Security Block      |
//   +-------------------------+
Result<SplitMessage> split_message(ByteView octets) {
  Reader reader{octets};
  SplitMessage split;
  split.header = ForwardingHeader::decode(reader);
  if (split.header.length != octets.size()) {
    reader.reject_at("ForwardingHeader.length", ForwardingHeader::length_offset,
                     "is " + std::to_string(split.header.length) + ", the message has " +
                         std::to_string(octets.size()));
  }
  split.payload = reader.rest();
  return reader.finish(std::move(split));
}

Result<Bytes> join_message(const ForwardingHeader& header, ByteView payload) {
  // A destination takes at most 257 octets: a list this short need not be measured.
  constexpr std::size_t surely_fits = ForwardingHeader::max_list_size / 257;
  const auto fits = [](const DestinationList& list) {
    return list.size() <= surely_fits || fits_its_length_field(list);
  };
  if (!fits_its_length_field(header.options) || !fits(header.via_list) ||
      !fits(header.destination_list)) {
    return fail(ErrorCode::too_large, "ForwardingHeader", "a list exceeds 65535 octets");
  }
  Writer writer;
  header.encode(writer);
  const std::size_t size = writer.size() + payload.size();
  if (size > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::too_large, "ForwardingHeader.length");
  }
  writer.patch(ForwardingHeader::length_offset, size, 4);
  writer.bytes(payload);
  return std::move(writer).take();
}

Result<Payload> split_payload(ByteView octets) {
  Reader reader{octets};
  Payload payload;
  payload.contents = MessageContents::decode(reader);
  payload.contents_octets = octets.first(reader.offset());
  payload.security_block = SecurityBlock::decode(reader);
  reader.expect_end("SecurityBlock");
  return reader.finish(std::move(payload));
}

Bytes join_payload(ByteView contents_octets, const SecurityBlock& security_block) {
  Writer writer;
  writer.bytes(contents_octets);
  security_block.encode(writer);
  return std::move(writer).take();
}

Message Message::decode(Reader& reader) {
  const std::size_t start = reader.offset();
  Message message;
  message.header = ForwardingHeader::decode(reader);
  if (!message.header.fragment.is_whole()) {
    reader.reject_at("ForwardingHeader.fragment", start + 12, "this is a fragment, not a message");
  }
  message.contents = MessageContents::decode(reader);
  message.security_block = SecurityBlock::decode(reader);
  const std::size_t size = reader.offset() - start;
  if (!reader.failed() && message.header.length != size) {
    reader.reject_at("ForwardingHeader.length", start + ForwardingHeader::length_offset,
                     "is " + std::to_string(message.header.length) + ", the message has " +
                         std::to_string(size));
  }
  return message;
}

void Message::encode(Writer& writer) const {
  const std::size_t start = writer.size();
  header.encode(writer);
  contents.encode(writer);
  security_block.encode(writer);
  writer.patch(start + ForwardingHeader::length_offset, writer.size() - start, 4);
}

}  // namespace carillon::wire
