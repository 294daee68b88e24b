#include "link/frame.hpp"

namespace carillon::link {

namespace {

void patch(Bytes& octets, std::size_t position, std::size_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    octets[position + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  }
}

}  // namespace

void write_data_frame_header(Bytes& frame, std::uint32_t sequence) {
  frame[0] = static_cast<std::uint8_t>(wire::FramedMessageType::data);
  patch(frame, 1, sequence, 4);
  patch(frame, 5, frame.size() - frame_headroom, 3);
}

Bytes with_frame_headroom(ByteView message) {
  Bytes frame;
  frame.reserve(frame_headroom + message.size());
  frame.resize(frame_headroom);
  append(frame, message);
  return frame;
}

}  // namespace carillon::link
