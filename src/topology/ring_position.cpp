#include "topology/ring_position.hpp"

#include <cmath>

namespace carillon::topology {
namespace {

std::uint64_t word_at(ByteView octets, std::size_t start) {
  std::uint64_t word = 0;
  for (std::size_t i = start; i < start + 8; ++i)
    word = (word << 8) | (i < octets.size() ? octets[i] : 0U);
  return word;
}

}  // namespace

RingPosition::RingPosition(const ResourceId& resource)
    : RingPosition(word_at(resource.bytes(), 0), word_at(resource.bytes(), 8)) {}

NodeId RingPosition::node_id() const {
  NodeId::Octets octets{};
  for (std::size_t i = 0; i < NodeId::size; ++i) {
    const std::uint64_t word = i < 8 ? high_ : low_;
    octets[i] = static_cast<std::uint8_t>(word >> (8 * (7 - i % 8)));
  }
  return NodeId{octets};
}

double RingPosition::fraction() const {
  return std::ldexp(static_cast<double>(high_), -64) + std::ldexp(static_cast<double>(low_), -128);
}

RingPosition RingPosition::random_below_power(unsigned exponent, Random& random) {
  const std::uint64_t high = random.u64();
  const std::uint64_t low = random.u64();
  if (exponent >= bits) return {high, low};
  const RingPosition mask = power_of_two(exponent) - ring_step;
  return {high & mask.high_, low & mask.low_};
}

}  // namespace carillon::topology
