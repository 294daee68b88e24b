#include "sim/trace.hpp"

#include <fmt/format.h>

#include "sim/checksum.hpp"
#include "sim/clock.hpp"

namespace carillon::sim {

void Trace::record(MonotonicTime at, std::uint64_t what, std::uint64_t where, ByteView octets) {
  const auto time = static_cast<std::uint64_t>(at.time_since_epoch().count());
  hash_ = checksum(octets, SmallRandom::mix(hash_ ^ time) + (what << 56U) + where);
}

std::string Trace::hash() const {
  return fmt::format("{:016x}", hash_);
}

void Trace::tell(MonotonicTime at, const std::string& sentence) const {
  fmt::print("{:10.3f} s  {}\n", seconds_since_start(at), sentence);
}

}  // namespace carillon::sim
