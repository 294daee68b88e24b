#pragma once

#include "topology/ring_position.hpp"

namespace carillon::topology {

/// The half-open arc (after, upto], clockwise: what a peer `upto` with predecessor `after` is
/// responsible for (RFC 6940, 10.1). When both ends are the same place it is the whole ring,
/// as for a peer that is alone; an arc that holds nothing is not an interval but its absence.
struct RingInterval {
  RingPosition after{};
  RingPosition upto{};

  [[nodiscard]] static constexpr RingInterval whole(RingPosition at) { return {at, at}; }
  [[nodiscard]] constexpr bool is_whole() const { return after == upto; }

  [[nodiscard]] constexpr bool contains(RingPosition place) const {
    if (is_whole()) return true;
    // In (after, upto] exactly if at least one step from `after` and not beyond `upto`.
    const RingPosition along = after.distance_to(place);
    return !along.is_zero() && along <= after.distance_to(upto);
  }
  [[nodiscard]] bool contains(const ResourceId& resource) const {
    return contains(RingPosition{resource});
  }
  [[nodiscard]] bool contains(const NodeId& node) const { return contains(RingPosition{node}); }

  /// The share of the ring that it covers, 0 to 1.
  [[nodiscard]] double fraction() const {
    return is_whole() ? 1.0 : after.distance_to(upto).fraction();
  }

  friend constexpr bool operator==(const RingInterval&, const RingInterval&) = default;
};

}  // namespace carillon::topology
