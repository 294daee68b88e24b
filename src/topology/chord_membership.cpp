#include <algorithm>

#include "topology/chord.hpp"
#include "wire/chord_leave_data.hpp"

namespace carillon::topology {

void Chord::start_alone(Now now) {
  now_ = now.monotonic;
  become_member(now);
}

void Chord::start_joining(const NodeId& admitting_peer, Now now) {
  now_ = now.monotonic;
  phase_ = Phase::joining;
  admitting_peer_ = admitting_peer;
  admitting_peer_updated_ = is_peer(admitting_peer);
  attempts_.clear();
  look_for_neighbors(now);
}

void Chord::abandon_joining(Now now) {
  now_ = now.monotonic;
  if (phase_ != Phase::joining) return;
  phase_ = Phase::outside;
  admitting_peer_.reset();
  admitting_peer_updated_ = false;
}

bool Chord::ready_to_join() const {
  return phase_ == Phase::joining && admitting_peer_updated_ && !attempts_.any_under_way(now_);
}

Result<void> Chord::handle_join(const NodeId& joining, Now now) {
  now_ = now.monotonic;
  constexpr auto where = "JoinReq.joining_peer_id";
  if (phase_ != Phase::joined)
    return fail(ErrorCode::not_joined, where, "not in the ring ourselves");
  RoutingTable::Entry* entry = table_.find(joining);
  if (entry == nullptr) return fail(ErrorCode::forbidden, where, "no link to the joining node");
  if (entry->is_peer) {
    entry->is_peer = false;
    entry->told.clear();
    table_changed(Cause::loss, now);
  }
  if (joining == self_ || !range_->contains(joining)) {
    return fail(ErrorCode::not_found, where, "another peer is responsible for its place");
  }
  return {};
}

void Chord::admit(const NodeId& joining, Now now) {
  now_ = now.monotonic;
  RoutingTable::Entry* entry = table_.find(joining);
  if (entry == nullptr || phase_ != Phase::joined) return;
  entry->is_peer = true;
  entry->knows_of_loss = true;
  entry->member_since = now.monotonic;
  // It comes first: what we forward to it after this Update finds it responsible.
  std::erase_if(due_updates_, [&](const DueUpdate& due) { return due.node == joining; });
  due_updates_.insert(due_updates_.begin(), {joining, false});
  table_changed(Cause::news, now);
}

void Chord::become_member(Now now) {
  phase_ = Phase::joined;
  member_since_ = now.monotonic;
  admitting_peer_.reset();
  admitting_peer_updated_ = false;
  queue(JoinCompleted{});
  table_changed(Cause::news, now);
  set_update_timer(now);
  set_ping_timer(now);
  search_first_fingers();
}

Result<void> Chord::handle_leave(const NodeId& from, ByteView overlay_specific_data, Now now) {
  now_ = now.monotonic;
  auto data = wire::decode_whole<wire::ChordLeaveData>(overlay_specific_data);
  if (!data) return std::unexpected(data.error());
  RoutingTable::Entry* entry = table_.find(from);
  if (entry == nullptr) return {};
  const bool was_peer = entry->is_peer;
  entry->is_peer = false;
  entry->told.clear();
  std::erase_if(due_updates_, [&](const DueUpdate& due) { return due.node == from; });
  attempts_.pause(from, now.monotonic + leave_alone_after_leave);
  if (!was_peer) return {};
  table_changed(Cause::loss, now);
  if (data->nodes.size() > RoutingTable::max_told_nodes) {
    data->nodes.resize(RoutingTable::max_told_nodes);
  }
  look_for_neighbors(now, data->nodes);
  return {};
}

void Chord::leave(Now now) {
  now_ = now.monotonic;
  const bool was_member = phase_ == Phase::joined;
  phase_ = Phase::left;
  due_updates_.clear();
  timers_.cancel(hold_down_timer_);
  timers_.cancel(update_timer_);
  timers_.cancel(ping_timer_);
  timers_.cancel(attempts_timer_);
  if (was_member) update_range(now);
}

Bytes Chord::leave_data(const NodeId& to) const {
  // from_succ: we are the successor of whom we tell; a node on neither side gets the same.
  const std::vector<NodeId> before = table_.predecessors();
  const bool is_predecessor = std::ranges::find(before, to) != before.end();
  wire::ChordLeaveData data;
  data.type = is_predecessor || before.empty() ? wire::ChordLeaveType::from_succ
                                               : wire::ChordLeaveType::from_pred;
  data.nodes = is_predecessor || before.empty() ? table_.successors() : before;
  return wire::encode(data);
}

}  // namespace carillon::topology
