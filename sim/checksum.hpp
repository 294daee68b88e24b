#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "sim/random.hpp"

namespace carillon::sim {

/// A fast checksum of 64 bits: for the trace's hash and for signatures that cost nothing.
[[nodiscard]] inline std::uint64_t checksum(ByteView octets, std::uint64_t start) {
  std::uint64_t sum = start ^ (octets.size() * 0x9e3779b97f4a7c15U);
  std::size_t at = 0;
  for (; at + 8 <= octets.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets.data() + at, 8);
    sum = (sum ^ word) * 0xff51afd7ed558ccdU;
    sum ^= sum >> 32U;
  }
  std::uint64_t rest = 0;
  if (at < octets.size()) std::memcpy(&rest, octets.data() + at, octets.size() - at);
  return SmallRandom::mix(sum ^ rest);
}

}  // namespace carillon::sim
