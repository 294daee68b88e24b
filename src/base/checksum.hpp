#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace carillon {

inline constexpr std::size_t crc32_size = 4;
/// CRC-32 (ISO 3309, ITU V.42), to notice what a disk, a stray write or a wire has changed. No
/// protection against anyone who wants to be clever: that is what signatures are for.
[[nodiscard]] std::uint32_t crc32(ByteView octets);

}  // namespace carillon
