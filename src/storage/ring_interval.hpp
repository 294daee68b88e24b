#pragma once

#include <optional>
#include <vector>

#include <carillon/ids.hpp>

namespace carillon::storage {

/// A place on the ring, as an unsigned number in network order.
using Place = NodeId::Octets;

/// Only resources with 16 octets have a place on the ring.
[[nodiscard]] std::optional<Place> place_of(const ResourceId& resource);

/// The place one further, round the ring.
[[nodiscard]] Place next_place(Place place);
[[nodiscard]] Place last_place();

/// Places from `first` to `last`, both included, not across zero.
struct Stretch {
  Place first{};
  Place last{};
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// The places after `after` up to and including `upto`, clockwise: (after, upto]. If both are the
/// same, the whole ring.
struct RingInterval {
  NodeId after{};
  NodeId upto{};

  [[nodiscard]] static RingInterval whole() { return {}; }
  [[nodiscard]] bool contains(const ResourceId& resource) const;

  /// The same places, clockwise, cut where the ring passes zero.
  [[nodiscard]] std::vector<Stretch> stretches() const;
  /// Those from `from` on; all of them if it does not lie in the interval.
  [[nodiscard]] std::vector<Stretch> stretches_from(const ResourceId& from) const;

  friend bool operator==(const RingInterval&, const RingInterval&) = default;
};

}  // namespace carillon::storage
