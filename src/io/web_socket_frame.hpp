#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

namespace carillon::io {

/// What a frame is (RFC 6455, 5.2).
enum class WebSocketOpcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};
[[nodiscard]] constexpr bool is_control(WebSocketOpcode opcode) {
  return opcode >= WebSocketOpcode::close;
}

/// The head of a frame that a client sent.
struct WebSocketFrameHead {
  WebSocketOpcode opcode{};
  bool final{false};
  std::uint64_t payload{};  ///< Octets that follow the head.
  std::size_t size{};       ///< Of the head itself, the masking key at its end included.
};

/// Reads a head off the front of `octets`; nothing if there are not enough yet. `malformed` if it
/// breaks section 5: bits or opcodes that nobody agreed on, no mask, a length not in its shortest
/// form, a control frame that is long or in pieces.
[[nodiscard]] Result<std::optional<WebSocketFrameHead>> read_frame_head(ByteView octets);

/// Takes the mask, the last four octets of the head, off the payload behind it.
void unmask(std::string& buffer, std::size_t start, const WebSocketFrameHead& head);

/// A whole frame of a server: final and unmasked.
[[nodiscard]] std::string make_frame(WebSocketOpcode opcode, std::string_view payload);

}  // namespace carillon::io
