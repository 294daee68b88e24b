#include "topology/ring_position.hpp"

#include <algorithm>
#include <cmath>

namespace carillon::topology {
namespace {

RingPosition from_octets(ByteView octets) {
  std::uint64_t words[2] = {0, 0};
  for (std::size_t i = 0; i < NodeId::size; ++i) {
    const std::uint64_t octet = i < octets.size() ? octets[i] : 0;
    words[i / 8] = (words[i / 8] << 8) | octet;
  }
  return {words[0], words[1]};
}

}  // namespace

RingPosition::RingPosition(const NodeId& node) : RingPosition(from_octets(node.bytes())) {}

RingPosition::RingPosition(const ResourceId& resource)
    : RingPosition(from_octets(resource.bytes())) {}

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
