#include "link/frame_reader.hpp"

#include <algorithm>

namespace carillon::link {

void FrameReader::feed(ByteView octets) {
  if (error_ && error_->code == ErrorCode::too_large) {
    const std::size_t wanted = wire::FramedMessage::data_header_size + max_message_size_;
    const std::size_t room = wanted - std::min(wanted, buffered());
    octets = octets.first(std::min(octets.size(), room));
  } else if (error_) {
    return;
  }
  release();
  if (start_ != 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  append(buffer_, octets);
}

void FrameReader::release() {
  if (start_ != buffer_.size() || buffer_.capacity() <= kept_octets) return;
  release_memory(buffer_);
  start_ = 0;
}

Result<std::optional<wire::FramedMessage>> FrameReader::next() {
  if (error_) return std::unexpected(*error_);
  auto frame = wire::next_frame(ByteView{buffer_}.subspan(start_), max_message_size_);
  if (!frame) {
    error_ = std::move(frame.error());
    return std::unexpected(*error_);
  }
  if (!*frame) return std::nullopt;
  start_ += (*frame)->size;
  return (*frame)->framed;
}

ByteView FrameReader::oversized_message() const {
  if (!error_ || error_->code != ErrorCode::too_large) return {};
  const ByteView rest = ByteView{buffer_}.subspan(start_);
  if (rest.size() <= wire::FramedMessage::data_header_size) return {};
  const ByteView message = rest.subspan(wire::FramedMessage::data_header_size);
  return message.first(std::min(message.size(), max_message_size_));
}

}  // namespace carillon::link
