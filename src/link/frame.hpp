#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace carillon::link {

// FramedMessage (RFC 6940, 6.6.2):
//
//   data: | 128 | sequence (4) | length (3) | message ... |
//   ack:  | 129 | ack_sequence (4) | received (4) |
inline constexpr std::uint8_t data_frame_type = 128;
inline constexpr std::uint8_t ack_frame_type = 129;
inline constexpr std::size_t data_frame_header_size = 8;
inline constexpr std::size_t ack_frame_size = 9;
/// The length field has 24 bits.
inline constexpr std::size_t max_frame_message_size = (std::size_t{1} << 24) - 1;

/// Writes the header of a data frame into the octets that its buffer leaves free in front.
/// `frame` starts with data_frame_header_size such octets; the message follows.
void write_data_frame_header(Bytes& frame, std::uint32_t sequence);

[[nodiscard]] Bytes encode_ack_frame(std::uint32_t ack_sequence, std::uint32_t received);

/// A message with room for its frame header in front of it: what Link::send takes.
[[nodiscard]] Bytes with_frame_headroom(ByteView message);

}  // namespace carillon::link
