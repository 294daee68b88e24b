#include "peer/replication.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"
#include "peer/reconciliation.hpp"

namespace carillon::peer {
namespace {

/// Before the copies of a replica that failed are compared again; doubles each time.
constexpr milliseconds first_retry{1'000};
constexpr unsigned max_doublings = 6;
/// That often a predecessor is offered what we hold for it, if that fails.
constexpr unsigned max_give_backs = 7;

bool is_longer(const topology::RingInterval& left, const topology::RingInterval& right) {
  if (left.is_whole() || right.is_whole()) return left.is_whole() && !right.is_whole();
  return left.after.distance_to(left.upto) > right.after.distance_to(right.upto);
}

}  // namespace

storage::RingInterval to_storage(const topology::RingInterval& interval) {
  return {interval.after.node_id(), interval.upto.node_id()};
}

Replication::Replication(PeerCore& core)
    : core_(core),
      sending_(core.timers, core.now, core.options.bundle_pause, [this] { return send_some(); }) {}

Replication::~Replication() = default;

void Replication::bring_up_to_date(const NodeId& target, const storage::RingInterval& interval,
                                   Done done) {
  if (waiting_.size() + running_.size() >= core_.options.max_transfers) {
    return done(fail(ErrorCode::busy, "replication", "too many transfers"));
  }
  waiting_.push_back({target, interval, std::move(done)});
  start_jobs();
}

bool Replication::is_busy_with(const NodeId& target) const {
  return std::ranges::any_of(running_,
                             [&](const auto& item) { return item.second.job.target == target; });
}

void Replication::start_jobs() {
  for (auto job = waiting_.begin(); job != waiting_.end();) {
    if (running_.size() >= core_.options.transfers_at_once) return;
    // One at a time for each target: the next one finds less to do.
    if (is_busy_with(job->target)) {
      ++job;
      continue;
    }
    const std::uint64_t id = ++last_job_;
    auto work = std::make_shared<Reconciliation>(
        core_, job->target, job->interval,
        [this, id](Result<void> result) { finish_job(id, std::move(result)); });
    running_.emplace(id, Running{std::move(*job), work});
    waiting_.erase(job);
    work->start();
    job = waiting_.begin();  // It may have ended, and others may have been added.
  }
}

bool Replication::send_some() {
  for (std::size_t tried = 0, jobs = running_.size(); tried < jobs; ++tried) {
    auto next = running_.upper_bound(last_sender_);
    if (next == running_.end()) next = running_.begin();
    last_sender_ = next->first;
    const auto work = next->second.work;  // It may end.
    if (work->send_some()) return true;
  }
  return false;
}

void Replication::finish_job(std::uint64_t id, Result<void> result) {
  auto running = running_.extract(id);
  if (running.empty()) return;
  running.mapped().job.done(std::move(result));
  start_jobs();
}

void Replication::handle_replica_set_changed(const topology::ReplicaSetChanged& change) {
  std::erase_if(replicas_, [&](const auto& item) {
    return std::ranges::find(change.after, item.first) == change.after.end();
  });
  for (const NodeId& node : change.after) {
    if (replicas_.contains(node)) continue;
    replicas_.emplace(node, std::make_unique<Replica>(core_.timers));
    compare_with(node);
  }
}

void Replication::handle_range_changed(const topology::RangeChanged& change) {
  if (!change.after) return;
  const bool has_grown = change.before && is_longer(*change.after, *change.before);
  // What we answer for now must be at our replicas too.
  if (!has_grown) return;
  for (const auto& [node, replica] : replicas_)
    handle_missed(node);
}

void Replication::handle_neighbors_changed() {
  if (core_.state != PeerState::joined) return;
  // Only peers whose replicas we are would take it from us (7.4.1.1).
  const std::vector<NodeId> before = core_.topology.predecessors();
  std::map<NodeId, storage::RingInterval> wanted;
  for (std::size_t i = 0; i < before.size() && i < topology::Chord::replicas; ++i) {
    const NodeId after = i + 1 < before.size() ? before[i + 1] : core_.identity.node_id();
    wanted.emplace(before[i], storage::RingInterval{after, before[i]});
  }
  std::erase_if(predecessors_, [&](const auto& item) { return !wanted.contains(item.first); });
  for (const auto& [node, interval] : wanted) {
    auto& known = predecessors_[node];
    if (!known) known = std::make_unique<Predecessor>(core_.timers);
    if (known->interval == interval) continue;
    known->interval = interval;
    known->failures = 0;
    give_back(node);
  }
}

void Replication::give_back(const NodeId& node) {
  Predecessor& predecessor = *predecessors_.at(node);
  predecessor.timer.cancel();
  predecessor.again = predecessor.running;
  if (std::exchange(predecessor.running, true)) return;
  bring_up_to_date(node, predecessor.interval,
                   [this, node, interval = predecessor.interval](const Result<void>& result) {
                     if (result) tell_copied(node, interval);
                     handle_given_back(node, result);
                   });
}

void Replication::handle_given_back(const NodeId& node, const Result<void>& result) {
  const auto found = predecessors_.find(node);
  if (found == predecessors_.end()) return;
  Predecessor& predecessor = *found->second;
  predecessor.running = false;
  if (result && !predecessor.again) return;
  if (!result) {
    core_.notice(Severity::warning,
                 "giving data back to " + node.to_hex() + ": " + result.error().message());
    if (predecessor.failures >= max_give_backs) return;
  }
  const unsigned doublings = result ? 0 : predecessor.failures++;
  predecessor.timer.set(core_.now.monotonic + first_retry * (1 << doublings),
                        [this, node](Now) { give_back(node); });
}

void Replication::tell_copied(const NodeId& target, const storage::RingInterval& interval) {
  if (!core_.completeness.covers(interval)) return;
  // Should it get lost: the next comparison says it again.
  core_.transport.request(
      core_.now, {target}, make_copied_notice(interval),
      {.on_link_down = transport::OnLinkDown::fail},
      [](Now, const std::expected<transport::Response, transport::RequestFailure>&) {});
}

void Replication::handle_complete() {
  for (const auto& [node, predecessor] : predecessors_)
    give_back(node);
  for (const auto& [node, replica] : replicas_)
    handle_missed(node);
}

void Replication::handle_missed(const NodeId& replica) {
  const auto found = replicas_.find(replica);
  if (found == replicas_.end()) return;
  if (found->second->running) {
    found->second->again = true;
  } else {
    compare_with(replica);
  }
}

void Replication::compare_with(const NodeId& node) {
  Replica& replica = *replicas_.at(node);
  const auto range = core_.topology.range();
  if (!range) return;
  replica.timer.cancel();
  replica.running = true;
  replica.again = false;
  bring_up_to_date(node, to_storage(*range),
                   [this, node, interval = to_storage(*range)](const Result<void>& result) {
                     if (result) tell_copied(node, interval);
                     handle_compared(node, result);
                   });
}

void Replication::handle_compared(const NodeId& node, const Result<void>& result) {
  const auto found = replicas_.find(node);
  if (found == replicas_.end()) return;
  Replica& replica = *found->second;
  replica.running = false;
  if (!result) {
    core_.notice(Severity::warning, "replica " + node.to_hex() + ": " + result.error().message());
    const unsigned doublings = std::min(replica.failures++, max_doublings);
    return compare_after(node, first_retry * (1 << doublings));
  }
  replica.failures = 0;
  if (replica.again) return compare_after(node, first_retry);
  compare_after(node, core_.random.jittered(core_.options.comparison_interval));
}

void Replication::compare_after(const NodeId& node, milliseconds pause) {
  replicas_.at(node)->timer.set(core_.now.monotonic + pause,
                                [this, node](Now) { compare_with(node); });
}

void Replication::handle_link_down(const NodeId& node) {
  std::vector<Job> hopeless;
  std::erase_if(waiting_, [&](Job& job) {
    if (job.target != node) return false;
    hopeless.push_back(std::move(job));
    return true;
  });
  for (auto& job : hopeless)
    job.done(fail(ErrorCode::unreachable, "replication", "the link is lost"));
}

void Replication::handle_link_replaced(const NodeId& node) {
  if (predecessors_.contains(node)) give_back(node);
}

void Replication::stop() {
  sending_.stop();
  waiting_.clear();
  running_.clear();
  replicas_.clear();
  predecessors_.clear();
}

ReplicationStatus Replication::status() const {
  ReplicationStatus status;
  status.transfers_running = running_.size();
  status.transfers_waiting = waiting_.size();
  status.behind = static_cast<std::size_t>(std::ranges::count_if(
      replicas_, [](const auto& item) { return item.second->failures > 0 || item.second->again; }));
  status.resources_sent = resources_sent_;
  status.resources_dropped = core_.strays.dropped();
  status.comparisons = comparisons_;
  status.comparisons_different = different_;
  return status;
}

}  // namespace carillon::peer
