#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "topology/chord.hpp"

namespace carillon::topology {

/// Rings of Chord state machines alone: links come up as soon as they are asked for, and what one
/// sends the other has, in order.
class ChordRing {
 public:
  struct Member {
    Member(const NodeId& id_, const ChordOptions& options, std::uint64_t seed)
        : id(id_), random(seed), chord(id_, options, timers, random) {}
    NodeId id;
    TimerQueue timers;
    SeededRandom random;
    Chord chord;
    std::set<NodeId> links;
    std::vector<RangeChanged> ranges;
    std::vector<ReplicaSetChanged> replica_sets;
    std::vector<SendUpdate> updates;
    std::vector<NodeId> probed;
    bool join_completed{false};
    bool lost{false};
  };

  explicit ChordRing(ChordOptions options_ = {}) : options(options_) {}

  Member& add(const NodeId& id) {
    auto [entry, is_new] =
        members.try_emplace(id, std::make_unique<Member>(id, options, members.size() + 1));
    return *entry->second;
  }
  Member& start_first(const NodeId& id) {
    Member& member = add(id);
    member.chord.start_alone(now);
    run();
    return member;
  }
  /// A ring of nodes whose first octets are these.
  void start(std::initializer_list<std::uint8_t> places);
  /// The whole join of 10.5, with the data moved in no time.
  Member& join(const NodeId& id) {
    Member& member = add(id);
    const NodeId admitting = responsible_for(id, id);
    connect(id, admitting);
    members.at(admitting)->chord.handle_update_requested(id, now);
    member.chord.start_joining(admitting, now);
    run();
    EXPECT_TRUE(member.chord.ready_to_join());
    EXPECT_TRUE(members.at(admitting)->chord.handle_join(id, now));
    members.at(admitting)->chord.admit(id, now);
    run();
    EXPECT_TRUE(member.join_completed);
    return member;
  }
  void kill(NodeId id) {
    const auto links = members.at(id)->links;
    members.erase(id);
    for (const NodeId& other : links) {
      members.at(other)->links.erase(id);
      members.at(other)->chord.handle_disconnected(id, now);
    }
    run();
  }
  void connect(const NodeId& a, const NodeId& b) {
    if (!members.at(a)->links.insert(b).second) return;
    members.at(b)->links.insert(a);
    members.at(a)->chord.handle_connected(b, now);
    members.at(b)->chord.handle_connected(a, now);
  }
  void disconnect(const NodeId& a, const NodeId& b) {
    members.at(a)->links.erase(b);
    members.at(b)->links.erase(a);
    members.at(a)->chord.handle_disconnected(b, now);
    members.at(b)->chord.handle_disconnected(a, now);
    run();
  }
  void run_for(milliseconds how_long) {
    const auto end = now.monotonic + how_long;
    for (;;) {
      std::optional<MonotonicTime> next;
      for (auto& [id, member] : members) {
        const auto deadline = member->timers.next_deadline();
        if (deadline && (!next || *deadline < *next)) next = deadline;
      }
      if (!next || *next > end) break;
      now.monotonic = std::max(now.monotonic, *next);
      for (auto& [id, member] : members)
        member->timers.run_due(now);
      run();
    }
    now.monotonic = end;
  }
  void run() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& [id, member] : members) {
        while (auto action = member->chord.poll_action()) {
          busy = true;
          std::visit([&, &who = *member](const auto& what) { perform(who, what); }, *action);
        }
      }
    }
  }
  /// Every neighbor table is as it must be; else what is wrong.
  std::string fault() {
    for (auto& [id, member] : members) {
      const auto order = others_after(id);
      const std::size_t expected = std::min<std::size_t>(3, order.size());
      const std::vector<NodeId> after(order.begin(),
                                      order.begin() + static_cast<std::ptrdiff_t>(expected));
      const std::vector<NodeId> before(order.rbegin(),
                                       order.rbegin() + static_cast<std::ptrdiff_t>(expected));
      if (member->chord.successors() != after) return id.to_hex() + ": successors";
      if (member->chord.predecessors() != before) return id.to_hex() + ": predecessors";
      const RingPosition from{order.empty() ? id : order.back()};
      if (member->chord.range() != RingInterval{from, RingPosition{id}}) {
        return id.to_hex() + ": range";
      }
    }
    return {};
  }
  NodeId responsible_for(const NodeId& place, const NodeId& except) {
    std::optional<NodeId> best;
    for (auto& [id, member] : members) {
      if (id == except || member->chord.phase() != Phase::joined) continue;
      const RingPosition from{place};
      if (!best || from.distance_to(RingPosition{id}) < from.distance_to(RingPosition{*best})) {
        best = id;
      }
    }
    return *best;
  }

  ChordOptions options;
  Now now{MonotonicTime{seconds{100}}, WallTime{}};
  std::map<NodeId, std::unique_ptr<Member>> members;
  std::size_t updates_sent{0};

 private:
  std::vector<NodeId> others_after(const NodeId& from) {
    std::vector<NodeId> order;
    for (auto at = members.upper_bound(from); at != members.end(); ++at)
      order.push_back(at->first);
    for (auto at = members.begin(); at->first < from; ++at)
      order.push_back(at->first);
    return order;
  }
  void attach(Member& who, const NodeId& to) {
    if (!members.contains(to)) return who.chord.handle_attach_failed(to, now);
    connect(who.id, to);
    members.at(to)->chord.handle_update_requested(who.id, now);
  }
  void perform(Member& who, const AttachToNeighbor& what) { attach(who, what.node); }
  void perform(Member& who, const AttachToFinger& what) {
    const NodeId to = responsible_for(RingPosition{what.place}.node_id(), who.id);
    attach(who, to);
    (void)who.chord.handle_finger_answer(what.finger, to, now);
  }
  void perform(Member& who, const PingForFinger& what) {
    const NodeId to = responsible_for(RingPosition{what.place}.node_id(), who.id);
    if (who.chord.handle_finger_answer(what.finger, to, now)) attach(who, to);
  }
  void perform(Member& who, const RequestUpdate& what) {
    if (who.links.contains(what.node)) {
      members.at(what.node)->chord.handle_update_requested(who.id, now);
    }
  }
  void perform(Member& who, const ProbeNode& what) { who.probed.push_back(what.node); }
  void perform(Member& who, const SendUpdate& what) {
    ++updates_sent;
    who.updates.push_back(what);
    if (!who.links.contains(what.node)) return;
    EXPECT_TRUE(members.at(what.node)->chord.handle_update(who.id, what.body, now));
  }
  void perform(Member& who, const RangeChanged& what) { who.ranges.push_back(what); }
  void perform(Member& who, const ReplicaSetChanged& what) { who.replica_sets.push_back(what); }
  void perform(Member& /*who*/, const NeighborsChanged& /*what*/) {}
  void perform(Member& who, const JoinCompleted& /*what*/) { who.join_completed = true; }
  void perform(Member& who, const OverlayLost& /*what*/) { who.lost = true; }
};

/// The node whose first octet is `place` and whose others are zero.
inline NodeId node_at(std::uint8_t place) {
  NodeId::Octets octets{};
  octets[0] = place;
  return NodeId{octets};
}

inline void ChordRing::start(std::initializer_list<std::uint8_t> places) {
  for (const std::uint8_t place : places)
    members.empty() ? start_first(node_at(place)) : join(node_at(place));
}

}  // namespace carillon::topology
