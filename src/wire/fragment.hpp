#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/codec.hpp"

namespace carillon::wire {

/// Which part of a message this is (RFC 6940, 6.3.2 and 6.7). The default is a whole message.
struct Fragment {
  bool last{true};          ///< The last or only one.
  std::uint32_t offset{};   ///< Octets from the end of the forwarding header, below 2^24.
  std::uint8_t reserved{};  ///< Six bits that SHOULD be zero; kept as they came.

  /// Every fragment but the last carries at least this much of the message (6.7).
  static constexpr std::size_t min_body = 256;
  /// What must stay free for the Via List to grow (6.7).
  static constexpr std::size_t pmtu_reserve = 32;
  static constexpr std::uint32_t max_offset = 0x00ffffff;

  [[nodiscard]] bool is_whole() const { return last && offset == 0; }
  [[nodiscard]] static Fragment decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const Fragment&, const Fragment&) = default;
};

}  // namespace carillon::wire
