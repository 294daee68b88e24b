#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "io/web_socket_frame.hpp"

namespace carillon::io {

/// What all WebSockets of a listener share.
struct WebSocketOptions {
  std::vector<std::string> origins{};      ///< See answer_handshake.
  std::size_t handshake_octets{8U << 10};  ///< A browser's cookies included.
  std::size_t message_octets{65'535};      ///< SIP's own limit (SipLimits).
};

/// The server's side of one WebSocket for SIP (RFC 6455, RFC 7118), without a socket: octets of
/// the connection go in and come out, messages come out and go in. Holds at most one unfinished
/// message.
class WebSocket {
 public:
  enum class State : std::uint8_t {
    handshaking,
    open,
    closed,  ///< The other side has said goodbye, or has broken the rules; see `error`.
  };

  explicit WebSocket(std::shared_ptr<const WebSocketOptions> options)
      : options_(std::move(options)) {}

  /// Takes what arrived; then call `next` until it has no more, then `take_output`.
  void add(ByteView octets);
  /// The next whole message, text or binary, if there is one. The view lives until the next call.
  [[nodiscard]] std::optional<ByteView> next();
  /// `message` as it goes over the connection: text if it is UTF-8, else binary (RFC 7118, 5).
  [[nodiscard]] static std::string frame(std::string_view message);
  /// Says goodbye because we go (1001).
  [[nodiscard]] static std::string goodbye();

  /// What is to be sent: the handshake's answer, pongs, a close frame.
  [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
  /// Octets wait that have not been taken apart.
  [[nodiscard]] bool has_more() const { return !buffer_.empty(); }
  [[nodiscard]] State state() const { return state_; }
  /// Why it was closed; empty if the other side wanted it.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void shake_hands();
  void handle_control(WebSocketOpcode opcode, std::string_view payload);
  [[nodiscard]] bool begins_or_goes_on(WebSocketOpcode opcode);
  [[nodiscard]] std::optional<ByteView> finish_message();
  void drop_consumed();
  void break_off(std::uint16_t code, std::string why);

  std::shared_ptr<const WebSocketOptions> options_;
  std::string buffer_;  ///< What has not been taken apart yet, from `start_` on.
  std::size_t start_{0};
  std::string message_;                  ///< The payloads of its frames so far.
  std::optional<WebSocketOpcode> kind_;  ///< Of the message, once its first frame is here.
  std::string output_;
  std::string error_;
  State state_{State::handshaking};
};

}  // namespace carillon::io
