#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace carillon {

inline constexpr std::size_t crc32_size = 4;
/// CRC-32 (ISO 3309, ITU V.42), to notice what a disk, a stray write or a wire has changed. No
/// protection against anyone who wants to be clever: that is what signatures are for.
[[nodiscard]] constexpr std::uint32_t crc32(ByteView octets) {
  constexpr auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value & 1U) != 0 ? 0xedb88320U ^ (value >> 1U) : value >> 1U;
      }
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t sum = 0xffffffffU;
  for (const auto octet : octets) {
    sum = table[(sum ^ octet) & 0xffU] ^ (sum >> 8U);
  }
  return ~sum;
}

}  // namespace carillon
