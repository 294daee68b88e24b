#include <algorithm>

#include "base/hash.hpp"
#include "topology/chord.hpp"

namespace carillon::topology {

ResourceId Chord::hash(ByteView resource_name) const {
  const Sha1Digest digest = sha1(resource_name);
  return ResourceId{Bytes(digest.begin(), digest.begin() + NodeId::size)};
}

std::optional<RingInterval> Chord::held_range() const {
  if (!range_) return std::nullopt;
  if (table_.peer_count() <= replicas) return RingInterval::whole(position_);
  const std::vector<NodeId> before = table_.predecessors();
  if (before.size() <= replicas) return RingInterval::whole(position_);
  return RingInterval{RingPosition{before[replicas]}, position_};
}

RingInterval Chord::range_of_joining(const NodeId& joining) const {
  return {range_ ? range_->after : position_, RingPosition{joining}};
}

bool Chord::is_responsible(const ResourceId& resource) const {
  return range_ && range_->contains(resource);
}

bool Chord::is_responsible(const NodeId& place) const {
  return place == self_ || (range_ && range_->contains(place));
}

std::vector<NodeId> Chord::replica_set() const {
  std::vector<NodeId> list = table_.successors();
  if (list.size() > replicas) list.resize(replicas);
  return list;
}

std::optional<NodeId> Chord::next_hop(const ResourceId& place) const {
  return next_hop(RingPosition{place}.node_id());
}

std::optional<NodeId> Chord::next_hop(const NodeId& place) const {
  const RingPosition position{place};
  if (phase_ == Phase::left) {
    // Our successor answers for what was ours.
    const std::optional<NodeId> predecessor = table_.predecessor();
    if (predecessor && RingInterval{RingPosition{*predecessor}, position_}.contains(position)) {
      return table_.successors().front();
    }
  }
  return table_.next_hop(position);
}

bool Chord::is_plausible_responder(const ResourceId& place, const NodeId& who) const {
  // Close means: a short way on, clockwise, from the resource to the node.
  const RingPosition from{place};
  const RingPosition distance = from.distance_to(RingPosition{who});
  const auto no_closer = [&](const NodeId& neighbor) {
    // One that acknowledges nothing may be dead, and who takes over answers before we know it.
    const RoutingTable::Entry* entry = table_.find(neighbor);
    const bool is_doubtful = entry != nullptr && entry->doubtful;
    return is_doubtful || distance <= from.distance_to(RingPosition{neighbor});
  };
  return std::ranges::all_of(table_.successors(), no_closer) &&
         std::ranges::all_of(table_.predecessors(), no_closer);
}

bool Chord::is_plausible_replica_store(const ResourceId& resource, const NodeId& sender) const {
  if (phase_ != Phase::joined && phase_ != Phase::joining) return false;
  // The responsible peer, its replicas, and one more: in a change two peers never see the ring
  // alike.
  constexpr std::size_t holders = 1 + replicas + 1;
  const RingPosition from{resource};
  std::vector<RingPosition> distances{from.distance_to(position_)};
  for (const auto& entry : table_.entries()) {
    if (entry.is_peer) distances.push_back(from.distance_to(RingPosition{entry.node}));
  }
  std::ranges::sort(distances);
  const RingPosition farthest = distances[std::min(holders, distances.size()) - 1];
  return from.distance_to(position_) <= farthest &&
         from.distance_to(RingPosition{sender}) <= farthest;
}

std::vector<NodeId> Chord::watched() const {
  std::vector<NodeId> nodes;
  if (const auto after = table_.successors(); !after.empty()) nodes.push_back(after.front());
  if (const auto before = table_.predecessor();
      before && std::ranges::find(nodes, *before) == nodes.end()) {
    nodes.push_back(*before);
  }
  return nodes;
}

bool Chord::is_wanted(const NodeId& node) const {
  if (admitting_peer_ == node || table_.is_neighbor(node)) return true;
  const auto table = finger_table();
  return std::ranges::find(table, std::optional{node}) != table.end();
}

bool Chord::is_peer(const NodeId& node) const {
  const RoutingTable::Entry* entry = table_.find(node);
  return entry != nullptr && entry->is_peer;
}

std::optional<MonotonicTime> Chord::member_since(const NodeId& node) const {
  const RoutingTable::Entry* entry = table_.find(node);
  if (entry == nullptr || !entry->is_peer) return std::nullopt;
  return entry->member_since;
}

double Chord::estimated_peers() const {
  const std::size_t peers = table_.peer_count();
  if (table_.knows_whole_ring()) return static_cast<double>(peers) + 1;
  const std::vector<NodeId> after = table_.successors();
  const std::vector<NodeId> before = table_.predecessors();
  const RingPosition span = RingPosition{before.back()}.distance_to(RingPosition{after.back()});
  return static_cast<double>(after.size() + before.size()) / std::max(span.fraction(), 1e-30);
}

}  // namespace carillon::topology
