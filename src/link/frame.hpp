#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "wire/framed_message.hpp"

// Data frames (RFC 6940, 6.6.2) that are written where their message was: nothing is copied.
namespace carillon::link {

/// Octets that must be left free in front of a message for its frame header.
inline constexpr std::size_t frame_headroom = wire::FramedMessage::data_header_size;

/// Writes the frame header into the free octets in front of the message.
void write_data_frame_header(Bytes& frame, std::uint32_t sequence);

/// A copy of a message with room for its frame header in front of it: what Link::send takes.
[[nodiscard]] Bytes with_frame_headroom(ByteView message);

}  // namespace carillon::link
