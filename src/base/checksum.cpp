#include "base/checksum.hpp"

#include <zlib.h>

namespace carillon {

std::uint32_t crc32(ByteView octets) {
  return static_cast<std::uint32_t>(::crc32_z(0, octets.data(), octets.size()));
}

}  // namespace carillon
