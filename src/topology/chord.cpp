#include "topology/chord.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace carillon::topology {
namespace {

bool contains(const std::vector<NodeId>& list, const NodeId& node) {
  return std::ranges::find(list, node) != list.end();
}

/// Whether `list` has a node that `known` does not have.
bool has_news(const std::vector<NodeId>& list, const std::vector<NodeId>& known) {
  return std::ranges::any_of(list, [&](const NodeId& node) { return !contains(known, node); });
}

}  // namespace

Chord::Chord(const NodeId& self, ChordOptions options, TimerQueue& timers, Random& random)
    : self_(self),
      position_(self),
      options_(options),
      timers_(timers),
      random_(random),
      table_(self, options.neighbors_each_side) {}

Chord::~Chord() {
  timers_.cancel(hold_down_timer_);
  timers_.cancel(update_timer_);
  timers_.cancel(ping_timer_);
  timers_.cancel(attempts_timer_);
}

void Chord::handle_connected(const NodeId& node, Now now) {
  now_ = now.monotonic;
  if (node == self_) return;
  table_.add(node);
  // Any of us may be the one that the other needs as neighbor (10.7, peer_ready).
  if (phase_ == Phase::joined) queue_update(node, false);
}

void Chord::handle_disconnected(const NodeId& node, Now now) {
  now_ = now.monotonic;
  const RoutingTable::Entry* entry = table_.find(node);
  if (entry == nullptr) return;
  const bool was_peer = entry->is_peer;
  table_.remove(node);
  std::erase_if(due_updates_, [&](const DueUpdate& due) { return due.node == node; });
  attempts_.failed(node, now.monotonic);
  if (!was_peer) return set_attempts_timer(now);
  table_changed(Cause::loss, now);
  if (phase_ == Phase::joined && options_.reactive) replace_finger_at(table_.distance_of(node));
  look_for_neighbors(now);
}

void Chord::handle_attach_failed(const NodeId& node, Now now) {
  now_ = now.monotonic;
  if (table_.find(node) != nullptr) return;
  attempts_.failed(node, now.monotonic);
  look_for_neighbors(now);
}

void Chord::handle_doubt(const NodeId& node, bool doubtful) {
  if (RoutingTable::Entry* entry = table_.find(node)) entry->doubtful = doubtful;
}

void Chord::table_changed(Cause cause, Now now) {
  std::vector<NodeId> successors = table_.successors();
  std::vector<NodeId> predecessors = table_.predecessors();
  const bool neighbors_changed =
      successors != announced_successors_ || predecessors != announced_predecessors_;
  announced_successors_ = std::move(successors);
  announced_predecessors_ = std::move(predecessors);
  if (phase_ != Phase::joined) return;

  if (neighbors_changed) queue(NeighborsChanged{});
  const std::optional<RingInterval> before = range_;
  update_range(now);
  if (before != range_) {
    queue_updates_to_all();  // 10.7.3: whatever the kind of recovery.
  } else if (neighbors_changed && options_.reactive) {
    cause == Cause::loss ? queue_updates_to_neighbors() : queue_updates_to_all();
  }
  update_replica_set(cause, now);
  if (cause == Cause::loss && !table_.has_peers()) queue(OverlayLost{});
}

void Chord::update_range(Now /*now*/) {
  std::optional<RingInterval> range;
  if (phase_ == Phase::joined) {
    const std::optional<NodeId> predecessor = table_.predecessor();
    range = predecessor ? RingInterval{RingPosition{*predecessor}, position_}
                        : RingInterval::whole(position_);
  }
  if (range == range_) return;
  queue(RangeChanged{range_, range});
  range_ = range;
}

void Chord::update_replica_set(Cause cause, Now now) {
  const std::vector<NodeId> current = replica_set();
  const bool holding_down = hold_down_timer_ != TimerId::none;
  if (cause == Cause::loss && !holding_down && has_news(announced_replicas_, current)) {
    // 10.7.1: an Update that this failure triggers may tell of a better replacement. Whoever saw
    // the failure before we did has sent it already.
    const auto is_lost = [&](const NodeId& node) {
      return contains(announced_replicas_, node) && !contains(current, node);
    };
    for (auto& entry : table_.entries())
      entry.knows_of_loss = std::ranges::none_of(entry.told, is_lost);
    hold_down_timer_ = timers_.set(now.monotonic + options_.replacement_hold_down, [this](Now at) {
      hold_down_timer_ = TimerId::none;
      now_ = at.monotonic;
      update_replica_set(Cause::news, at);
    });
  }
  if (hold_down_timer_ != TimerId::none) {
    if (hold_down_has_served()) {
      timers_.cancel(hold_down_timer_);
    } else if (has_news(current, announced_replicas_)) {
      return;
    }
  }
  if (current == announced_replicas_) return;
  queue(ReplicaSetChanged{announced_replicas_, current});
  announced_replicas_ = current;
}

bool Chord::hold_down_has_served() const {
  // Whoever is still there has told what it knows since the failure: nothing better will come.
  return std::ranges::all_of(table_.successors(), [this](const NodeId& node) {
    const RoutingTable::Entry* entry = table_.find(node);
    return entry != nullptr && entry->knows_of_loss;
  });
}

void Chord::queue(TopologyAction action) {
  actions_.push_back(std::move(action));
}

std::optional<TopologyAction> Chord::poll_action() {
  if (!actions_.empty()) return actions_.take_front();
  if (!due_updates_.empty()) {
    const DueUpdate due = due_updates_.front();
    due_updates_.erase(due_updates_.begin());
    return SendUpdate{due.node, update_body(due.full)};
  }
  return std::nullopt;
}

}  // namespace carillon::topology
