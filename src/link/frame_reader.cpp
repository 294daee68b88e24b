#include "link/frame_reader.hpp"

#include <algorithm>
#include <string>

#include "base/reader.hpp"
#include "link/frame.hpp"

namespace carillon::link {

void FrameReader::feed(ByteView octets) {
  if (error_ && error_->code == ErrorCode::too_large) {
    const std::size_t wanted = data_frame_header_size + max_message_size_;
    const std::size_t room = wanted - std::min(wanted, buffered());
    octets = octets.first(std::min(octets.size(), room));
  } else if (error_) {
    return;
  }
  if (start_ != 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  append(buffer_, octets);
}

Result<std::optional<Frame>> FrameReader::next() {
  if (error_) return std::unexpected(*error_);
  const ByteView rest = ByteView{buffer_}.subspan(start_);
  if (rest.empty()) return std::nullopt;
  if (rest[0] == data_frame_type) return next_data(rest);
  if (rest[0] != ack_frame_type) {
    error_ = Error{ErrorCode::malformed, "FramedMessage.type",
                   "is " + std::to_string(rest[0]) + ", neither data (128) nor ack (129)"};
    return std::unexpected(*error_);
  }
  if (rest.size() < ack_frame_size) return std::nullopt;
  Reader reader(rest.subspan(1, ack_frame_size - 1));
  AckFrame ack;
  ack.ack_sequence = reader.u32("ack_sequence");
  ack.received = reader.u32("received");
  start_ += ack_frame_size;
  return Frame{ack};
}

Result<std::optional<Frame>> FrameReader::next_data(ByteView rest) {
  if (rest.size() < data_frame_header_size) return std::nullopt;
  Reader reader(rest.subspan(1));
  DataFrame data;
  data.sequence = reader.u32("sequence");
  const std::size_t length = reader.u24("message");
  if (length > max_message_size_) {
    error_ = Error{ErrorCode::too_large, "FramedMessage.message",
                   "has " + std::to_string(length) + " octets, the overlay allows " +
                       std::to_string(max_message_size_)};
    return std::unexpected(*error_);
  }
  if (rest.size() < data_frame_header_size + length) return std::nullopt;
  data.message = rest.subspan(data_frame_header_size, length);
  start_ += data_frame_header_size + length;
  return Frame{data};
}

ByteView FrameReader::oversized_message() const {
  if (!error_ || error_->code != ErrorCode::too_large) return {};
  const ByteView message = ByteView{buffer_}.subspan(start_ + data_frame_header_size);
  return message.first(std::min(message.size(), max_message_size_));
}

}  // namespace carillon::link
