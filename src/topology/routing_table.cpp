#include "topology/routing_table.hpp"

#include <algorithm>
#include <ranges>

namespace carillon::topology {
namespace {

template <typename Entries>
auto find_in(Entries& entries, RingPosition distance) -> decltype(entries.data()) {
  const auto at = std::ranges::lower_bound(entries, distance, {}, &RoutingTable::Entry::distance);
  return at == entries.end() || at->distance != distance ? nullptr : &*at;
}

}  // namespace

RoutingTable::Entry& RoutingTable::add(const NodeId& node) {
  const RingPosition distance = distance_of(node);
  auto at = std::ranges::lower_bound(entries_, distance, {}, &Entry::distance);
  if (at == entries_.end() || at->distance != distance) {
    at = entries_.insert(at, Entry{.distance = distance, .node = node});
  }
  return *at;
}

bool RoutingTable::remove(const NodeId& node) {
  return std::erase_if(entries_, [&](const Entry& entry) { return entry.node == node; }) > 0;
}

RoutingTable::Entry* RoutingTable::find(const NodeId& node) {
  return find_in(entries_, distance_of(node));
}

const RoutingTable::Entry* RoutingTable::find(const NodeId& node) const {
  return find_in(entries_, distance_of(node));
}

std::vector<RoutingTable::Entry>::const_iterator RoutingTable::lower_bound(
    RingPosition distance) const {
  return std::ranges::lower_bound(entries_, distance, {}, &Entry::distance);
}

std::vector<NodeId> RoutingTable::successors() const {
  std::vector<NodeId> list;
  for (const Entry& entry : entries_) {
    if (list.size() == neighbors_) break;
    if (entry.is_peer) list.push_back(entry.node);
  }
  return list;
}

std::vector<NodeId> RoutingTable::predecessors() const {
  std::vector<NodeId> list;
  for (const Entry& entry : std::views::reverse(entries_)) {
    if (list.size() == neighbors_) break;
    if (entry.is_peer) list.push_back(entry.node);
  }
  return list;
}

std::optional<NodeId> RoutingTable::predecessor() const {
  for (const Entry& entry : std::views::reverse(entries_)) {
    if (entry.is_peer) return entry.node;
  }
  return std::nullopt;
}

bool RoutingTable::is_neighbor(const NodeId& node) const {
  const Entry* entry = find(node);
  if (entry == nullptr || !entry->is_peer) return false;
  const auto reach = neighborhood();
  return !reach || entry->distance <= reach->after || entry->distance >= reach->before;
}

std::optional<RoutingTable::Reach> RoutingTable::neighborhood() const {
  Reach reach;
  std::size_t count = 0;
  for (auto at = entries_.begin(); at != entries_.end() && count < neighbors_; ++at) {
    if (!at->is_peer) continue;
    reach.after = at->distance;
    ++count;
  }
  if (count < neighbors_) return std::nullopt;
  count = 0;
  for (auto at = entries_.rbegin(); at != entries_.rend() && count < neighbors_; ++at) {
    if (!at->is_peer) continue;
    reach.before = at->distance;
    ++count;
  }
  return reach;
}

std::optional<NodeId> RoutingTable::first_peer_within(RingPosition from, RingPosition upto) const {
  for (auto at = lower_bound(from); at != entries_.end() && at->distance <= upto; ++at) {
    if (at->is_peer) return at->node;
  }
  return std::nullopt;
}

std::optional<NodeId> RoutingTable::next_hop(RingPosition place) const {
  const RingPosition distance = self_.distance_to(place);
  // The peers just before and just after the place, and how many lie before and after those.
  std::optional<NodeId> before;
  std::optional<NodeId> sure_before;  // The first that is not doubtful.
  std::optional<NodeId> after;
  std::optional<NodeId> sure_after;
  std::size_t up_to_before = 0;
  std::size_t from_after = 0;
  const auto split = lower_bound(distance);
  if (split != entries_.end() && split->distance == distance) return split->node;
  for (auto at = split; at != entries_.begin();) {
    --at;
    if (!at->is_peer) continue;
    if (!before) before = at->node;
    if (!sure_before && !at->doubtful) sure_before = at->node;
    if (++up_to_before > neighbors_ && sure_before) break;
  }
  for (auto at = split; at != entries_.end(); ++at) {
    if (!at->is_peer) continue;
    if (!after) after = at->node;
    if (!sure_after && !at->doubtful) sure_after = at->node;
    if (++from_after > neighbors_) break;
  }
  // Who is responsible but seems dead is left to the one behind it, which takes over, or still has
  // a way there.
  const auto responsible = sure_after ? sure_after : after;
  if (!before) return responsible;  // Our successor is.
  if (!after) return sure_before ? sure_before : before;
  // Between two adjacent entries of the Neighbor Table the later one is responsible as far as we
  // know. (The letter of 10.3 would send it to the earlier one, and while a peer joins, that one
  // would send it back here: the AdmittingPeer knows its new predecessor first.)
  const bool both_successors = up_to_before + 1 <= neighbors_;
  const bool both_predecessors = from_after + 1 <= neighbors_;
  if (both_predecessors || (both_successors && !is_told_of_any(*before, *after))) {
    return responsible;
  }
  return sure_before ? sure_before : before;
}

bool RoutingTable::is_told_of_any(const NodeId& after, const NodeId& before) const {
  const RingPosition start{after};
  const RingPosition length = start.distance_to(RingPosition{before});
  const auto lies_between = [&](const NodeId& node) {
    const RingPosition distance = start.distance_to(RingPosition{node});
    return !distance.is_zero() && distance < length;
  };
  return std::ranges::any_of(find(after)->told, lies_between);
}

bool RoutingTable::has_peers() const {
  return std::ranges::any_of(entries_, &Entry::is_peer);
}

std::size_t RoutingTable::peer_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, &Entry::is_peer));
}

bool RoutingTable::knows_whole_ring() const {
  const std::vector<NodeId> after = successors();
  const std::vector<NodeId> before = predecessors();
  if (after.size() < neighbors_) return true;
  // Else the farthest successor lies beyond the farthest predecessor, or is it.
  return distance_of(after.back()) >= distance_of(before.back());
}

}  // namespace carillon::topology
