#include "sim/enrollment.hpp"

#include "security/creation.hpp"
#include "topology/ring_position.hpp"

namespace carillon::sim {
namespace {

using topology::RingPosition;

constexpr int candidates = 64;

/// How far it is to the nearest member, on either side.
RingPosition clearance(const NodeId& id, const std::map<NodeId, Host*>& members) {
  const auto after = members.lower_bound(id);
  const NodeId& next = after == members.end() ? members.begin()->first : after->first;
  const NodeId& previous =
      after == members.begin() ? members.rbegin()->first : std::prev(after)->first;
  const RingPosition place{id};
  return std::min(place.distance_to(RingPosition{next}), RingPosition{previous}.distance_to(place));
}

}  // namespace

NodeId choose_node_id(const std::map<NodeId, Host*>& members, Random& random) {
  NodeId best = security::random_node_id(random);
  if (members.empty()) return best;
  for (int i = 1; i < candidates; ++i) {
    const NodeId other = security::random_node_id(random);
    if (clearance(other, members) > clearance(best, members)) best = other;
  }
  return best;
}

}  // namespace carillon::sim
