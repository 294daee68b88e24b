#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/fifo.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "topology/attempts.hpp"
#include "topology/routing_table.hpp"
#include "topology/topology_plugin.hpp"

namespace carillon::topology {

/// The numbers of CHORD-RELOAD; defaults as in RFC 6940, 10 and 11.1.
struct ChordOptions {
  std::size_t neighbors_each_side{3};          ///< At least 3 (10.7).
  unsigned fingers{16};                        ///< At least 16 (10.7.4.3); at most 128.
  seconds update_interval{600};                ///< chord-update-interval
  seconds ping_interval{3600};                 ///< chord-ping-interval
  bool reactive{true};                         ///< chord-reactive
  milliseconds replacement_hold_down{30'000};  ///< Before new replicas after a failure (10.7.1).
};

/// CHORD-RELOAD (RFC 6940, 10): a ring ordered by Node-ID.
class Chord final : public TopologyPlugin {
 public:
  static constexpr std::size_t replicas = 2;  ///< The next two successors (10.4).
  /// A node that said goodbye is not called back on hearsay for this long.
  static constexpr milliseconds leave_alone_after_leave{30'000};
  /// An Update that tells nothing new makes us look for neighbors again after this.
  static constexpr milliseconds look_again_after{3'000};

  /// `timers` and `random` must outlive it.
  Chord(const NodeId& self, ChordOptions options, TimerQueue& timers, Random& random);
  ~Chord() override;
  Chord(const Chord&) = delete;
  Chord& operator=(const Chord&) = delete;

  void handle_connected(const NodeId& node, Now now) override;
  void handle_disconnected(const NodeId& node, Now now) override;
  void handle_attach_failed(const NodeId& node, Now now) override;
  void handle_doubt(const NodeId& node, bool doubtful) override;
  bool handle_finger_answer(unsigned finger, std::optional<NodeId> who, Now now) override;
  [[nodiscard]] Result<void> handle_update(const NodeId& from, ByteView body, Now now) override;
  void handle_update_requested(const NodeId& node, Now now) override;
  [[nodiscard]] Result<void> handle_leave(const NodeId& from, ByteView overlay_specific_data,
                                          Now now) override;

  void start_alone(Now now) override;
  void start_joining(const NodeId& admitting_peer, Now now) override;
  void abandon_joining(Now now) override;
  [[nodiscard]] bool ready_to_join() const override;
  [[nodiscard]] Result<void> handle_join(const NodeId& joining, Now now) override;
  void admit(const NodeId& joining, Now now) override;
  void leave(Now now) override;
  [[nodiscard]] Bytes leave_data(const NodeId& to) const override;
  [[nodiscard]] std::optional<TopologyAction> poll_action() override;

  [[nodiscard]] ResourceId hash(ByteView resource_name) const override;
  [[nodiscard]] Phase phase() const override { return phase_; }
  [[nodiscard]] std::optional<RingInterval> range() const override { return range_; }
  [[nodiscard]] std::optional<RingInterval> held_range() const override;
  [[nodiscard]] RingInterval range_of_joining(const NodeId& joining) const override;
  [[nodiscard]] bool is_responsible(const ResourceId& resource) const override;
  [[nodiscard]] bool is_responsible(const NodeId& place) const override;
  [[nodiscard]] std::vector<NodeId> replica_set() const override;
  [[nodiscard]] std::optional<NodeId> next_hop(const ResourceId& place) const override;
  [[nodiscard]] std::optional<NodeId> next_hop(const NodeId& place) const override;
  [[nodiscard]] bool is_plausible_responder(const ResourceId& place,
                                            const NodeId& who) const override;
  [[nodiscard]] bool is_plausible_replica_store(const ResourceId& resource,
                                                const NodeId& sender) const override;
  [[nodiscard]] std::vector<NodeId> watched() const override;
  [[nodiscard]] bool is_wanted(const NodeId& node) const override;
  [[nodiscard]] bool is_peer(const NodeId& node) const override;
  [[nodiscard]] std::optional<MonotonicTime> member_since(const NodeId& node) const override;
  [[nodiscard]] std::vector<NodeId> predecessors() const override { return table_.predecessors(); }
  [[nodiscard]] std::vector<NodeId> successors() const override { return table_.successors(); }
  [[nodiscard]] std::vector<NodeId> fingers() const override;
  [[nodiscard]] double estimated_peers() const override;

  /// The numbered entries of the Finger Table, first (half-way around) to last; nothing: invalid.
  [[nodiscard]] std::vector<std::optional<NodeId>> finger_table() const;
  [[nodiscard]] const RoutingTable& table() const { return table_; }

 private:
  enum class Cause : std::uint8_t { news, loss };

  // chord.cpp: what follows from a change of the routing table.
  void table_changed(Cause cause, Now now);
  void update_range(Now now);
  void update_replica_set(Cause cause, Now now);
  [[nodiscard]] bool hold_down_has_served() const;
  void queue(TopologyAction action);

  // chord_updates.cpp
  void queue_update(const NodeId& node, bool full);
  void queue_updates_to_all();
  void queue_updates_to_neighbors();
  [[nodiscard]] Bytes update_body(bool full) const;
  void set_update_timer(Now now);
  /// `hints`: further nodes that may be neighbors, heard of from one that is leaving.
  void look_for_neighbors(Now now, const std::vector<NodeId>& hints = {});
  void probe_missing(const NodeId& from, const std::vector<NodeId>& before,
                     const std::vector<NodeId>& predecessors,
                     const std::vector<NodeId>& successors);
  [[nodiscard]] bool names_strangers(const std::vector<NodeId>& nodes) const;
  void set_attempts_timer(Now now);

  // chord_fingers.cpp
  [[nodiscard]] unsigned finger_count() const;
  [[nodiscard]] RingPosition finger_start(unsigned finger) const;  ///< As a distance from here.
  [[nodiscard]] RingPosition finger_end(unsigned finger) const;
  [[nodiscard]] bool is_worth_searching(unsigned finger) const;
  void search_first_fingers();
  void next_first_finger();
  void refresh_a_finger();
  void replace_finger_at(RingPosition distance);
  [[nodiscard]] RingPosition random_place_in(unsigned finger);
  void set_ping_timer(Now now);

  // chord_membership.cpp
  void become_member(Now now);

  NodeId self_;
  RingPosition position_;
  ChordOptions options_;
  TimerQueue& timers_;
  Random& random_;

  Phase phase_{Phase::outside};
  RoutingTable table_;
  Attempts attempts_;
  MonotonicTime member_since_{};
  MonotonicTime last_look_{};  ///< When neighbors were last looked for.
  MonotonicTime now_{};        ///< Of the last input: for questions that have no time of their own.

  /// While joining, also while a lone member joins others: who will admit us.
  std::optional<NodeId> admitting_peer_;
  bool admitting_peer_updated_{false};

  std::optional<RingInterval> range_;
  std::vector<NodeId> announced_successors_;  ///< What NeighborsChanged last told.
  std::vector<NodeId> announced_predecessors_;
  std::vector<NodeId> announced_replicas_;  ///< What ReplicaSetChanged last told.
  TimerId hold_down_timer_{TimerId::none};

  /// Updates that are due; a body is written when it is polled, so that it is never out of date.
  struct DueUpdate {
    NodeId node{};
    bool full{false};
  };
  std::vector<DueUpdate> due_updates_;
  Fifo<TopologyAction> actions_;

  unsigned first_finger_{0};  ///< The finger that the first search is at; 0: no search.
  TimerId update_timer_{TimerId::none};
  TimerId ping_timer_{TimerId::none};
  TimerId attempts_timer_{TimerId::none};
};

}  // namespace carillon::topology
