#include "link/frame.hpp"

#include "base/writer.hpp"

namespace carillon::link {

namespace {

void patch(Bytes& octets, std::size_t position, std::size_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    octets[position + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  }
}

}  // namespace

void write_data_frame_header(Bytes& frame, std::uint32_t sequence) {
  frame[0] = data_frame_type;
  patch(frame, 1, sequence, 4);
  patch(frame, 5, frame.size() - data_frame_header_size, 3);
}

Bytes encode_ack_frame(std::uint32_t ack_sequence, std::uint32_t received) {
  Writer writer;
  writer.u8(ack_frame_type);
  writer.u32(ack_sequence);
  writer.u32(received);
  return std::move(writer).take();
}

Bytes with_frame_headroom(ByteView message) {
  Bytes frame;
  frame.reserve(data_frame_header_size + message.size());
  frame.resize(data_frame_header_size);
  append(frame, message);
  return frame;
}

}  // namespace carillon::link
