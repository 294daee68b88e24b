#include <algorithm>
#include <ranges>
#include <utility>

#include "topology/chord.hpp"
#include "wire/chord_update.hpp"

namespace carillon::topology {

Result<void> Chord::handle_update(const NodeId& from, ByteView body, Now now) {
  now_ = now.monotonic;
  auto update = wire::decode_whole<wire::ChordUpdate>(body);
  if (!update) return std::unexpected(update.error());
  RoutingTable::Entry* entry = table_.find(from);
  if (entry == nullptr || phase_ == Phase::left) return {};  // Hearsay: no link, no neighbor.

  const bool is_news = !entry->is_peer;
  entry->is_peer = true;
  entry->knows_of_loss = true;
  entry->member_since = now.monotonic - seconds{update->uptime};
  bool tells_news = false;
  if (update->type != wire::ChordUpdateType::peer_ready) {
    std::vector<NodeId> told;
    told.reserve(update->predecessors.size() + update->successors.size());
    for (const auto* list : {&update->predecessors, &update->successors}) {
      const std::size_t count = std::min(list->size(), RoutingTable::max_told_nodes / 2);
      told.insert(told.end(), list->begin(), list->begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (told != entry->told) {
      probe_missing(from, entry->told, update->predecessors, update->successors);
      tells_news = names_strangers(entry->told) || names_strangers(told);
      entry->told = std::move(told);
    }
  }
  attempts_.succeeded(from);

  if (phase_ == Phase::joining && admitting_peer_ == from) {
    admitting_peer_updated_ = true;
    const auto& predecessors = update->predecessors;
    if (!predecessors.empty() && predecessors.front() == self_) {
      become_member(now);
      look_for_neighbors(now);
      return {};
    }
  }
  if (is_news) {
    table_changed(Cause::news, now);
  } else if (phase_ == Phase::joined && hold_down_timer_ != TimerId::none) {
    update_replica_set(Cause::news, now);
  }
  // Most Updates tell what is known already; in a change there are dozens within a second.
  const bool looked_just_now = now.monotonic - last_look_ < look_again_after;
  if (is_news || tells_news || phase_ != Phase::joined || !looked_just_now) {
    look_for_neighbors(now);
  }
  return {};
}

/// Whether a node that is no peer of ours stands among our neighbors, if it is there.
bool Chord::names_strangers(const std::vector<NodeId>& nodes) const {
  const auto reach = table_.neighborhood();
  return std::ranges::any_of(nodes, [&](const NodeId& node) {
    const RingPosition distance = table_.distance_of(node);
    if (distance.is_zero()) return false;
    if (reach && distance > reach->after && distance < reach->before) return false;
    return !is_peer(node);
  });
}

/// Whom the sender named before and does not name any more, although it stands among those whom it
/// names, has gone as far as the sender knows. If it is a neighbor of ours, too, we should know
/// soon.
void Chord::probe_missing(const NodeId& from, const std::vector<NodeId>& before,
                          const std::vector<NodeId>& predecessors,
                          const std::vector<NodeId>& successors) {
  if (predecessors.empty() || successors.empty()) return;
  const RingInterval named{RingPosition{predecessors.back()}, RingPosition{successors.back()}};
  for (const NodeId& node : before) {
    const bool still_named = std::ranges::find(predecessors, node) != predecessors.end() ||
                             std::ranges::find(successors, node) != successors.end();
    if (still_named || node == from || node == self_ || !named.contains(node)) continue;
    if (!is_peer(node) || !table_.is_neighbor(node)) continue;
    // Whoever takes over may answer before we have made sure.
    handle_doubt(node, true);
    queue(ProbeNode{node});
  }
}

void Chord::handle_update_requested(const NodeId& node, Now now) {
  now_ = now.monotonic;
  // A node that is only joining must not tell of itself (10.5).
  if (table_.find(node) != nullptr) queue_update(node, true);
}

void Chord::queue_update(const NodeId& node, bool full) {
  if (phase_ != Phase::joined) return;
  const auto due = std::ranges::find(due_updates_, node, &DueUpdate::node);
  if (due != due_updates_.end()) {
    due->full = due->full || full;
  } else {
    due_updates_.push_back({node, full});
  }
}

void Chord::queue_updates_to_all() {
  for (const auto& entry : table_.entries())
    queue_update(entry.node, false);
}

void Chord::queue_updates_to_neighbors() {
  for (const auto& list : {table_.successors(), table_.predecessors()}) {
    for (const NodeId& node : list)
      queue_update(node, false);
  }
}

Bytes Chord::update_body(bool full) const {
  wire::ChordUpdate update;
  const auto uptime = std::chrono::duration_cast<seconds>(now_ - member_since_);
  update.uptime = static_cast<std::uint32_t>(std::max<std::int64_t>(0, uptime.count()));
  update.type = full ? wire::ChordUpdateType::full : wire::ChordUpdateType::neighbors;
  update.predecessors = table_.predecessors();
  update.successors = table_.successors();
  if (full) update.fingers = fingers();
  return wire::encode(update);
}

void Chord::set_update_timer(Now now) {
  timers_.cancel(update_timer_);
  const milliseconds in = random_.jittered(options_.update_interval);
  update_timer_ = timers_.set(now.monotonic + in, [this](Now at) {
    now_ = at.monotonic;
    update_timer_ = TimerId::none;
    queue_updates_to_neighbors();
    set_update_timer(at);
  });
}

void Chord::look_for_neighbors(Now now, const std::vector<NodeId>& hints) {
  const bool on_the_way_in = phase_ == Phase::joining && admitting_peer_updated_;
  if (phase_ != Phase::joined && !on_the_way_in) return;
  last_look_ = now.monotonic;

  // Beyond the farthest neighbors of full lists nobody is nearer than those whom we have.
  const auto reach = table_.neighborhood();
  const auto is_too_far = [&](RingPosition distance) {
    return reach && distance > reach->after && distance < reach->before;
  };

  // The ring as it would be if all that we hear of were there.
  struct Member {
    NodeId node{};
    bool is_peer{false};
    std::optional<NodeId> via{};
  };
  std::map<RingPosition, Member> ring;
  const auto hear_of = [&](const NodeId& node, std::optional<NodeId> via) {
    const RingPosition distance = table_.distance_of(node);
    if (is_too_far(distance)) return;
    const bool possible =
        attempts_.is_under_way(node, now.monotonic) || attempts_.may_start(node, now.monotonic);
    if (node != self_ && possible) ring.try_emplace(distance, node, false, via);
  };
  for (const auto& entry : table_.entries()) {
    if (entry.is_peer && !is_too_far(entry.distance)) {
      ring.insert_or_assign(entry.distance, Member{entry.node, true, {}});
    }
  }
  for (const auto& entry : table_.entries()) {
    for (const NodeId& node : entry.told)
      hear_of(node, entry.node);
  }
  for (const NodeId& node : hints)
    hear_of(node, std::nullopt);

  const auto want = [&](const Member& member) {
    if (member.is_peer || attempts_.is_under_way(member.node, now.monotonic)) return;
    attempts_.started(member.node, now.monotonic);
    if (table_.find(member.node) != nullptr) {
      queue(RequestUpdate{member.node});
    } else {
      queue(AttachToNeighbor{member.node, member.via});
    }
  };
  const auto nearest = static_cast<std::ptrdiff_t>(options_.neighbors_each_side);
  for (const auto& [distance, member] : ring | std::views::take(nearest))
    want(member);
  for (const auto& [distance, member] : std::views::reverse(ring) | std::views::take(nearest))
    want(member);
  set_attempts_timer(now);
}

void Chord::set_attempts_timer(Now now) {
  timers_.cancel(attempts_timer_);
  const std::optional<MonotonicTime> at = attempts_.next_change(now.monotonic);
  if (!at) return;
  attempts_timer_ = timers_.set(*at, [this](Now then) {
    now_ = then.monotonic;
    attempts_timer_ = TimerId::none;
    look_for_neighbors(then);
  });
}

}  // namespace carillon::topology
