#include "io/web_socket_frame.hpp"

#include "base/bytes.hpp"

namespace carillon::io {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::size_t mask_size = 4;
constexpr std::uint8_t longest_short = 125;
constexpr std::uint8_t length_16 = 126;
constexpr std::uint8_t length_64 = 127;

std::unexpected<Error> malformed_frame(const char* why) {
  return fail(ErrorCode::malformed, "WebSocket", why);
}

bool is_known(std::uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/// How many octets of length follow the second octet.
std::size_t extended_size(std::uint8_t length) {
  if (length == length_16) return 2;
  return length == length_64 ? 8 : 0;
}

std::uint64_t number_from(ByteView octets) {
  std::uint64_t value = 0;
  for (const auto octet : octets)
    value = value << 8U | octet;
  return value;
}

bool is_shortest(std::size_t extended, std::uint64_t length) {
  if (extended == 2) return length > longest_short;
  return extended == 0 || (length > 0xffff && length >> 63U == 0);
}

}  // namespace

Result<std::optional<WebSocketFrameHead>> read_frame_head(ByteView octets) {
  if (octets.size() < 2) return std::nullopt;
  const std::uint8_t opcode = octets[0] & 0x0fU;
  const std::uint8_t length = octets[1] & 0x7fU;
  if ((octets[0] & reserved_bits) != 0) return malformed_frame("an extension nobody agreed on");
  if (!is_known(opcode)) return malformed_frame("an unknown opcode");
  if ((octets[1] & mask_bit) == 0) return malformed_frame("a client's frame without a mask");
  WebSocketFrameHead head{
      .opcode = WebSocketOpcode{opcode}, .final = (octets[0] & final_bit) != 0, .payload = length};
  if (is_control(head.opcode) && (!head.final || length > longest_short)) {
    return malformed_frame("a control frame that is long or in pieces");
  }
  const auto extended = extended_size(length);
  head.size = 2 + extended + mask_size;
  if (octets.size() < head.size) return std::nullopt;
  if (extended != 0) head.payload = number_from(octets.subspan(2, extended));
  if (!is_shortest(extended, head.payload)) return malformed_frame("a length in a longer form");
  return head;
}

void unmask(std::string& buffer, std::size_t start, const WebSocketFrameHead& head) {
  const auto payload = start + head.size;
  for (std::size_t i = 0; i < head.payload; ++i) {
    buffer[payload + i] =
        static_cast<char>(buffer[payload + i] ^ buffer[payload - mask_size + i % mask_size]);
  }
}

std::string make_frame(WebSocketOpcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += static_cast<char>(final_bit | static_cast<std::uint8_t>(opcode));
  std::size_t extended = 0;
  if (payload.size() <= longest_short) {
    frame += static_cast<char>(payload.size());
  } else {
    extended = payload.size() <= 0xffff ? 2 : 8;
    frame += static_cast<char>(extended == 2 ? length_16 : length_64);
  }
  for (std::size_t i = extended; i-- > 0;)
    frame += static_cast<char>(payload.size() >> (8 * i) & 0xffU);
  return frame.append(payload);
}

}  // namespace carillon::io
