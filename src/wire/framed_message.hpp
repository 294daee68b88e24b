#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "wire/codec.hpp"

namespace carillon::wire {

enum class FramedMessageType : std::uint8_t { data = 128, ack = 129 };

/// A message in its frame. `message` points into the octets that were read or shall be written.
struct DataFrame {
  std::uint32_t sequence{};
  ByteView message{};  ///< Below 2^24 octets.
};

/// That `ack_sequence` arrived, and which of the 32 before it.
struct AckFrame {
  std::uint32_t ack_sequence{};
  /// Bit b, counted from the least significant, stands for `ack_sequence - 1 - b`. (The RFC's
  /// "N-M bit" would leave bit 0 unused; tshark reads it so, and all 32 are used so.)
  std::uint32_t received{};

  /// Whether this says that `sequence` arrived; false means that it is not known.
  [[nodiscard]] bool acknowledges(std::uint32_t sequence) const;
  /// Marks `sequence` in `received`, if it is one of the 32 before `ack_sequence`.
  void mark(std::uint32_t sequence);
  friend bool operator==(const AckFrame&, const AckFrame&) = default;
};

/// What travels over one link, hop by hop (RFC 6940, 6.6.2).
struct FramedMessage {
  static constexpr std::size_t data_header_size = 8;  ///< Type, sequence, length.
  static constexpr std::size_t ack_size = 9;
  static constexpr std::size_t max_message = 0x00ffffff;

  std::variant<DataFrame, AckFrame> frame{};

  [[nodiscard]] FramedMessageType type() const;
  [[nodiscard]] static FramedMessage decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const FramedMessage& a, const FramedMessage& b);
};

/// A frame at the start of a stream, and how many octets of it that was.
struct FrameFromStream {
  FramedMessage framed{};
  std::size_t size{};
};

/// The first frame in `stream`, or nothing if more octets must come first. `malformed` if this is
/// no frame; `too_large` as soon as it can be seen that the message has more than `max_message`
/// octets. The result points into `stream`.
[[nodiscard]] Result<std::optional<FrameFromStream>> next_frame(ByteView stream,
                                                                std::size_t max_message);

}  // namespace carillon::wire
