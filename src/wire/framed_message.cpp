#include "wire/framed_message.hpp"

#include <algorithm>

namespace carillon::wire {
namespace {

constexpr std::uint32_t mask_bits = 32;

}  // namespace

bool AckFrame::acknowledges(std::uint32_t sequence) const {
  if (sequence == ack_sequence) return true;
  const std::uint32_t bit = ack_sequence - 1 - sequence;  // modulo 2^32, as sequence numbers count
  return bit < mask_bits && ((received >> bit) & 1U) != 0;
}

void AckFrame::mark(std::uint32_t sequence) {
  const std::uint32_t bit = ack_sequence - 1 - sequence;
  if (bit < mask_bits) received |= 1U << bit;
}

FramedMessageType FramedMessage::type() const {
  return std::holds_alternative<DataFrame>(frame) ? FramedMessageType::data
                                                  : FramedMessageType::ack;
}

//   enum { data(128), ack(129), (255) } FramedMessageType;
//
//   struct {
//     FramedMessageType       type;
//
//     select (type) {
//       case data:
//         uint32              sequence;
//         opaque              message<0..2^24-1>;
//
//       case ack:
//         uint32              ack_sequence;
//         uint32              received;
//     };
//   } FramedMessage;
FramedMessage FramedMessage::decode(Reader& reader) {
  const std::size_t type_at = reader.offset();
  const std::uint8_t type = reader.u8("FramedMessage.type");
  if (type == static_cast<std::uint8_t>(FramedMessageType::data)) {
    const std::uint32_t sequence = reader.u32("FramedMessage.sequence");
    return {DataFrame{sequence, reader.opaque24("FramedMessage.message")}};
  }
  if (type == static_cast<std::uint8_t>(FramedMessageType::ack)) {
    const std::uint32_t ack_sequence = reader.u32("FramedMessage.ack_sequence");
    return {AckFrame{ack_sequence, reader.u32("FramedMessage.received")}};
  }
  reader.reject_at("FramedMessage.type", type_at,
                   "is " + hex_number(type) + ", must be 0x80 (data) or 0x81 (ack)");
  return {};
}

void FramedMessage::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type()));
  if (const auto* data = std::get_if<DataFrame>(&frame)) {
    writer.u32(data->sequence);
    writer.opaque24(data->message);
  } else {
    const auto& ack = std::get<AckFrame>(frame);
    writer.u32(ack.ack_sequence);
    writer.u32(ack.received);
  }
}

bool operator==(const FramedMessage& a, const FramedMessage& b) {
  const auto* data = std::get_if<DataFrame>(&a.frame);
  const auto* other = std::get_if<DataFrame>(&b.frame);
  if (data == nullptr || other == nullptr) {
    return data == other && std::get<AckFrame>(a.frame) == std::get<AckFrame>(b.frame);
  }
  return data->sequence == other->sequence && std::ranges::equal(data->message, other->message);
}

Result<std::optional<FrameFromStream>> next_frame(ByteView stream, std::size_t max_message) {
  if (stream.empty()) return std::nullopt;
  std::size_t size = 1;  // A wrong type is seen at the first octet.
  if (stream[0] == static_cast<std::uint8_t>(FramedMessageType::ack)) {
    size = FramedMessage::ack_size;
  } else if (stream[0] == static_cast<std::uint8_t>(FramedMessageType::data)) {
    if (stream.size() < FramedMessage::data_header_size) return std::nullopt;
    constexpr std::size_t length_at = 5;
    Reader reader{stream.subspan(length_at, 3)};
    const std::size_t length = reader.u24("FramedMessage.message");
    if (length > max_message) {
      return fail(ErrorCode::too_large, "FramedMessage.message",
                  "has " + std::to_string(length) + " octets, at most " +
                      std::to_string(max_message) + " are allowed",
                  length_at);
    }
    size = FramedMessage::data_header_size + length;
  }
  if (stream.size() < size) return std::nullopt;
  Reader reader{stream.first(size)};
  FrameFromStream result{FramedMessage::decode(reader), size};
  return reader.finish(std::optional{result});
}

}  // namespace carillon::wire
