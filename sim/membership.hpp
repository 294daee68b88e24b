#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "sim/host.hpp"
#include "sim/random.hpp"

namespace carillon::sim {

/// Who is in the ring, as one who sees everything knows it, and what enrollment knows of it.
class Membership {
 public:
  /// Those that have joined and not gone, in the order of the ring.
  using Ring = std::map<NodeId, Host*>;

  /// A new machine's Node-ID, as enrollment chooses it: it counts as present from now on.
  [[nodiscard]] NodeId enroll(Random& random);
  /// Enrollment hears of those that are gone, at the latest when somebody takes their place.
  void forget_enrolled(const NodeId& id);

  void add(Host& host);
  void remove(Host& host);

  [[nodiscard]] const Ring& ring() const { return ring_; }
  [[nodiscard]] bool empty() const { return ring_.empty(); }
  /// There must be one.
  [[nodiscard]] Host& random_member(Random& random) const;
  /// A member that does not leave; null if none is found.
  [[nodiscard]] Host* random_stayer(Random& random) const;
  /// Whom enrollment would send away: not one that leaves already. Null: all do.
  [[nodiscard]] Host* best_leaver() const;
  [[nodiscard]] Host& responsible_for(const ResourceId& place) const;
  [[nodiscard]] Host& successor_of(const Host& host) const;
  /// The `count` members on either side of a place, and whoever stands there.
  [[nodiscard]] std::vector<Host*> around(const NodeId& place, std::size_t count) const;

 private:
  Ring ring_;
  std::vector<Host*> members_;    ///< The same, for drawing one.
  std::vector<NodeId> enrolled_;  ///< What enrollment takes for present, in order.
};

}  // namespace carillon::sim
