#pragma once

#include <carillon/ids.hpp>

namespace carillon::storage {

/// The places after `after` up to and including `upto`, clockwise: (after, upto]. If both are the
/// same, the whole ring.
struct RingInterval {
  NodeId after{};
  NodeId upto{};

  [[nodiscard]] static RingInterval whole() { return {}; }
  /// Only resources with 16 octets have a place on the ring.
  [[nodiscard]] bool contains(const ResourceId& resource) const;

  friend bool operator==(const RingInterval&, const RingInterval&) = default;
};

}  // namespace carillon::storage
