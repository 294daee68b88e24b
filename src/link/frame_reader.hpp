#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "wire/framed_message.hpp"

namespace carillon::link {

/// Cuts a stream of octets into frames (RFC 6940, 6.6.2). Holds at most one incomplete frame and
/// what was fed last.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message_size) : max_message_size_(max_message_size) {}

  /// Takes what arrived; views handed out before become invalid.
  void feed(ByteView octets);

  /// The next whole frame, which points into the reader; nothing if more octets are needed.
  /// `malformed`: no frame starts here. `too_large`: the message is larger than the limit. After
  /// an error the stream cannot be followed any further, and the same error is returned again.
  [[nodiscard]] Result<std::optional<wire::FramedMessage>> next();

  /// After `too_large`: as much of that message as has arrived, at most the limit. It grows as the
  /// reader is fed; enough for its header is enough to answer it (6.6).
  [[nodiscard]] ByteView oversized_message() const;

  /// No frame that was returned is looked at any more: most links are idle most of the time, and
  /// memory for their largest message is not kept for that.
  void release();

  /// The next octets fed are the start of a frame.
  [[nodiscard]] bool is_empty() const { return buffered() == 0 && !error_; }
  [[nodiscard]] std::size_t buffered() const { return buffer_.size() - start_; }

 private:
  static constexpr std::size_t kept_octets = 64;

  std::size_t max_message_size_;
  Bytes buffer_;
  std::size_t start_{0};  ///< Where the next frame starts.
  std::optional<Error> error_;
};

}  // namespace carillon::link
