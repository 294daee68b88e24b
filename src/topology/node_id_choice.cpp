#include "topology/node_id_choice.hpp"

#include <algorithm>
#include <cmath>

#include "topology/ring_position.hpp"

namespace carillon::topology {
namespace {

/// How good a place is: the smaller of the two parts that its gap would be split into, each
/// measured by what it should be.
double merit(const NodeId& candidate, std::span<const NodeId> present) {
  const auto at = std::ranges::lower_bound(present, candidate);
  const RingPosition after{at == present.end() ? present.front() : *at};
  const RingPosition before{at == present.begin() ? present.back() : *std::prev(at)};
  const RingPosition place{candidate};
  const auto count = static_cast<double>(present.size());
  const double part = std::log2(1 + 1 / (2 * count)) / std::log2(1 + 1 / count);
  return std::min(before.distance_to(place).fraction() / part,
                  place.distance_to(after).fraction() / (1 - part));
}

/// Neither of the reserved ones (6.3.1.1).
NodeId draw(Random& random) {
  NodeId id;
  while (id.is_zero() || id.is_wildcard())
    id = RingPosition::random_below_power(RingPosition::bits, random).node_id();
  return id;
}

}  // namespace

NodeId choose_node_id(std::span<const NodeId> present, Random& random) {
  NodeId best = draw(random);
  if (present.empty()) return best;
  double best_merit = merit(best, present);
  for (int i = 1; i < node_id_candidates; ++i) {
    const NodeId other = draw(random);
    const double others_merit = merit(other, present);
    if (others_merit <= best_merit) continue;
    best = other;
    best_merit = others_merit;
  }
  return best;
}

NodeId choose_leaver(std::span<const NodeId> present) {
  if (present.size() < 3) return present.back();
  const auto merged = [&](std::size_t i) {
    const RingPosition before{present[(i + present.size() - 1) % present.size()]};
    return before.distance_to(RingPosition{present[(i + 1) % present.size()]});
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < present.size(); ++i) {
    if (merged(i) < merged(best)) best = i;
  }
  return present[best];
}

}  // namespace carillon::topology
