#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "topology/ring_position.hpp"

namespace carillon::topology {

/// The nodes that a link leads to, in ring order as seen from here, and what can be read from
/// that order: the Neighbor Table, the Finger Table and the next hop (RFC 6940, 10.1 to 10.3).
///
/// Nothing else is kept: a neighbor is one of the nearest peers that are connected, a finger is the
/// nearest connected peer in its range, so neither table can name a node that is gone.
class RoutingTable {
 public:
  /// Other nodes that a peer told of in its last Update; what goes beyond is ignored.
  static constexpr std::size_t max_told_nodes = 64;

  struct Entry {
    RingPosition distance{};  ///< From here, clockwise.
    NodeId node{};
    bool is_peer{false};           ///< It has sent an Update: messages may go through it (6.5.1).
    bool knows_of_loss{false};     ///< See Chord's hold-down.
    bool doubtful{false};          ///< Does not acknowledge: a way around is better (6.6.5).
    MonotonicTime member_since{};  ///< By the uptime in its last Update, on our clock.
    std::vector<NodeId> told{};    ///< The neighbors that its last Update named.
  };

  RoutingTable(const NodeId& self, std::size_t neighbors_each_side)
      : self_(self), neighbors_(neighbors_each_side) {}

  /// The entry of a node, made if there is none. What it and `find` give is valid until the next
  /// `add` or `remove`.
  Entry& add(const NodeId& node);
  bool remove(const NodeId& node);
  [[nodiscard]] Entry* find(const NodeId& node);
  [[nodiscard]] const Entry* find(const NodeId& node) const;

  /// The nearest peers clockwise and counter-clockwise, nearest first. In a small ring the same
  /// peer is in both.
  [[nodiscard]] std::vector<NodeId> successors() const;
  [[nodiscard]] std::vector<NodeId> predecessors() const;
  [[nodiscard]] std::optional<NodeId> predecessor() const;
  [[nodiscard]] bool is_neighbor(const NodeId& node) const;
  /// How far the neighbors on both sides reach; nothing if there are fewer than there should be.
  struct Reach {
    RingPosition after{};
    RingPosition before{};
  };
  [[nodiscard]] std::optional<Reach> neighborhood() const;
  /// The first peer whose distance from here is in [from, upto].
  [[nodiscard]] std::optional<NodeId> first_peer_within(RingPosition from, RingPosition upto) const;

  /// Where to send what is for `place`, which is not ours (10.3): a connected node at that very
  /// place; the neighbor that is responsible for it as far as the Neighbor Table knows; else the
  /// peer farthest along on the way there. Not to a doubtful one if there is another: what that is
  /// responsible for goes to the one behind it.
  [[nodiscard]] std::optional<NodeId> next_hop(RingPosition place) const;

  [[nodiscard]] bool has_peers() const;
  [[nodiscard]] std::size_t peer_count() const;
  /// Every peer of the ring is one of our neighbors.
  [[nodiscard]] bool knows_whole_ring() const;

  [[nodiscard]] RingPosition distance_of(const NodeId& node) const {
    return self_.distance_to(RingPosition{node});
  }
  /// By distance.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::vector<Entry>& entries() { return entries_; }

 private:
  /// Whether the peer `after` told of somebody who stands between it and `before`: then those two
  /// are not next to each other. To pass over that one sends a message around the ring again, and
  /// again (found by the simulator).
  [[nodiscard]] bool is_told_of_any(const NodeId& after, const NodeId& before) const;
  /// The first entry that is not nearer.
  [[nodiscard]] std::vector<Entry>::const_iterator lower_bound(RingPosition distance) const;

  RingPosition self_;
  std::size_t neighbors_;
  std::vector<Entry> entries_;  ///< Some thirty, by distance.
};

}  // namespace carillon::topology
