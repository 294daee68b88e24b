#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "peer/paced_work.hpp"
#include "peer/peer_status.hpp"
#include "peer/timer.hpp"
#include "storage/ring_interval.hpp"
#include "topology/topology_action.hpp"

namespace carillon::peer {

class PeerCore;
class Reconciliation;

[[nodiscard]] storage::RingInterval to_storage(const topology::RingInterval& interval);

/// Sees to it that those hold our data who should (RFC 6940, 10.4 and 10.7.3): our two successors
/// what we are responsible for, the responsible peer what we hold for it, an heir what it will
/// answer for. All of that is one operation, `bring_up_to_date`, which costs one message if
/// nothing is missing.
class Replication {
 public:
  using Done = std::move_only_function<void(Result<void>)>;

  explicit Replication(PeerCore& core);
  ~Replication();

  /// Sees to it that `target` holds all that we hold of an interval, in a form as new as ours;
  /// what it has in a newer form we take. `unreachable`, `request_timeout`, `busy`, `io`.
  void bring_up_to_date(const NodeId& target, const storage::RingInterval& interval, Done done);

  void handle_replica_set_changed(const topology::ReplicaSetChanged& change);
  void handle_range_changed(const topology::RangeChanged& change);
  void handle_link_down(const NodeId& node);
  /// Over there the old link may have been lost for a while.
  void handle_link_replaced(const NodeId& node);
  /// A peer before us that is new to us, or answers for more, may lack what we hold of it: it came
  /// out of another part of a ring that has healed, or we joined with data on the disk (6.4.2.3).
  void handle_neighbors_changed();
  /// Tells a peer that it has all of the interval now, if we have (Completeness).
  void tell_copied(const NodeId& target, const storage::RingInterval& interval);
  /// What we could not say of our copies before, we can now.
  void handle_complete();
  /// A replica did not confirm a Store: compare copies soon.
  void handle_missed(const NodeId& replica);
  void stop();

  /// A transfer has something to send; that is done in spells, one transfer after the other in
  /// turn.
  void wake_senders() { sending_.wake(); }

  [[nodiscard]] ReplicationStatus status() const;
  void count_sent(std::size_t resources) { resources_sent_ += resources; }
  void count_comparison(bool different) {
    ++comparisons_;
    if (different) ++different_;
  }

 private:
  struct Job {
    NodeId target{};
    storage::RingInterval interval{};
    Done done{};
  };
  /// A successor that holds our range.
  struct Replica {
    explicit Replica(TimerQueue& timers) : timer(timers) {}
    unsigned failures{0};
    bool running{false};
    bool again{false};  ///< Something was missed while it ran.
    Timer timer;        ///< Until the next comparison.
  };

  /// A peer whose replica we are.
  struct Predecessor {
    explicit Predecessor(TimerQueue& timers) : timer(timers) {}
    storage::RingInterval interval{};  ///< What it answers for.
    unsigned failures{0};
    bool running{false};
    bool again{false};  ///< The interval has changed while it ran.
    Timer timer;
  };

  void give_back(const NodeId& node);
  void handle_given_back(const NodeId& node, const Result<void>& result);
  void start_jobs();
  bool send_some();
  void finish_job(std::uint64_t id, Result<void> result);
  void compare_with(const NodeId& node);
  void handle_compared(const NodeId& node, const Result<void>& result);
  void compare_after(const NodeId& node, milliseconds pause);
  [[nodiscard]] bool is_busy_with(const NodeId& target) const;

  PeerCore& core_;
  std::map<NodeId, std::unique_ptr<Replica>> replicas_;
  std::map<NodeId, std::unique_ptr<Predecessor>> predecessors_;
  std::vector<Job> waiting_;
  struct Running {
    Job job;
    std::shared_ptr<Reconciliation> work;
  };
  std::map<std::uint64_t, Running> running_;
  std::uint64_t last_job_{0};
  std::uint64_t last_sender_{0};  ///< The job that has sent last.
  PacedWork sending_;
  std::uint64_t resources_sent_{0};
  std::uint64_t comparisons_{0};
  std::uint64_t different_{0};
};

}  // namespace carillon::peer
