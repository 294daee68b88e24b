#include "io/web_socket.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "io/web_socket_handshake.hpp"

namespace carillon::io {
namespace {

constexpr std::string_view handshake_end = "\r\n\r\n";

// Why a connection ends (RFC 6455, 7.4.1).
constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t protocol_error = 1002;
constexpr std::uint16_t not_utf8 = 1007;
constexpr std::uint16_t message_too_big = 1009;

std::string close_frame(std::uint16_t code) {
  const std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  return make_frame(WebSocketOpcode::close, payload);
}

}  // namespace

void WebSocket::add(ByteView octets) {
  if (state_ == State::closed) return;
  buffer_.append(as_text(octets));
  if (state_ == State::handshaking) shake_hands();
}

void WebSocket::shake_hands() {
  const auto end = buffer_.find(handshake_end);
  const auto size = end == std::string::npos ? buffer_.size() : end + handshake_end.size();
  if (size > options_->handshake_octets) {
    output_ = too_large_handshake();
    error_ = "a handshake without an end";
    state_ = State::closed;
  } else if (end != std::string::npos) {
    auto answer = answer_handshake(std::string_view{buffer_}.substr(0, size), options_->origins);
    output_ = std::move(answer.response);
    state_ = answer.accepted ? State::open : State::closed;
    if (!answer.accepted) error_ = "no handshake for SIP over WebSocket";
    start_ = size;
    drop_consumed();
  }
}

std::optional<ByteView> WebSocket::next() {
  if (!kind_) release_memory(message_);
  while (state_ == State::open) {
    const auto rest = as_bytes(buffer_).subspan(start_);
    const auto head = read_frame_head(rest);
    if (!head) {
      break_off(protocol_error, head.error().detail);
      break;
    }
    if (!*head) break;
    const auto& [opcode, final, length, head_size] = **head;
    const auto so_far = is_control(opcode) ? 0 : message_.size();
    if (length > options_->message_octets - so_far) {
      break_off(message_too_big, "a message longer than the limit");
      break;
    }
    if (rest.size() - head_size < length) break;
    unmask(buffer_, start_, **head);
    const auto payload = std::string_view{buffer_}.substr(start_ + head_size, length);
    start_ += head_size + length;
    if (is_control(opcode)) {
      handle_control(opcode, payload);
    } else if (begins_or_goes_on(opcode)) {
      message_.append(payload);
      if (final) return finish_message();
    }
  }
  drop_consumed();
  return std::nullopt;
}

/// The frames of one message follow each other, the first says what it is (5.4).
bool WebSocket::begins_or_goes_on(WebSocketOpcode opcode) {
  const bool goes_on = opcode == WebSocketOpcode::continuation;
  if (goes_on != kind_.has_value()) {
    break_off(protocol_error, goes_on ? "a continuation of nothing" : "a message within another");
    return false;
  }
  if (!goes_on) kind_ = opcode;
  return true;
}

std::optional<ByteView> WebSocket::finish_message() {
  const auto kind = std::exchange(kind_, std::nullopt);
  if (kind == WebSocketOpcode::text && !is_utf8(as_bytes(message_))) {
    break_off(not_utf8, "text that is not UTF-8");
    return std::nullopt;
  }
  return as_bytes(message_);
}

void WebSocket::handle_control(WebSocketOpcode opcode, std::string_view payload) {
  if (opcode == WebSocketOpcode::ping) {
    output_ += make_frame(WebSocketOpcode::pong, payload);
  } else if (opcode == WebSocketOpcode::close) {
    output_ += close_frame(normal_closure);
    state_ = State::closed;
  }
}

/// An idle connection, of which there are many, holds nothing.
void WebSocket::drop_consumed() {
  if (start_ == buffer_.size()) {
    release_memory(buffer_);
  } else {
    buffer_.erase(0, start_);
  }
  start_ = 0;
}

void WebSocket::break_off(std::uint16_t code, std::string why) {
  output_ += close_frame(code);
  error_ = std::move(why);
  state_ = State::closed;
}

std::string WebSocket::frame(std::string_view message) {
  const bool text = is_utf8(as_bytes(message));
  return make_frame(text ? WebSocketOpcode::text : WebSocketOpcode::binary, message);
}

std::string WebSocket::goodbye() {
  return close_frame(going_away);
}

}  // namespace carillon::io
