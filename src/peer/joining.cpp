#include "peer/joining.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"
#include "wire/join.hpp"

namespace carillon::peer {

Joining::Joining(PeerCore& core) : core_(core), timer_(core.timers) {}

std::optional<NodeId> Joining::gateway() const {
  const auto& links = core_.forwarding.links();
  if (admitting_peer_ && links.is_connected(*admitting_peer_)) return admitting_peer_;
  return bootstrap_node_;
}

void Joining::start(Done done) {
  done_ = std::move(done);
  core_.set_state(PeerState::joining);
  collect_addresses();
  round_ = 0;
  index_ = 0;
  tries_ = 0;
  if (addresses_.empty()) return end_of_round();
  connect();
}

void Joining::collect_addresses() {
  addresses_.clear();
  const auto add = [&](const link::AddressPort& address) {
    const bool known = std::ranges::find(addresses_, address) != addresses_.end();
    if (!known && address != core_.options.listen) addresses_.push_back(address);
  };
  for (const auto& address : core_.options.remembered)
    add(address);
  for (const auto& address : core_.options.bootstrap)
    add(address);
  for (const auto& node : core_.overlay().bootstrap_nodes)
    add({node.address, node.port});
}

void Joining::enter(Step step, milliseconds timeout) {
  step_ = step;
  timer_.set(core_.now.monotonic + timeout, [this](Now) { handle_timeout(); });
}

void Joining::connect() {
  ++attempt_;
  bootstrap_node_.reset();
  admitting_peer_.reset();
  enter(Step::connecting, core_.options.bootstrap_timeout);
  const auto met = met_.find(address());
  if (met != met_.end() && core_.forwarding.links().is_connected(met->second)) {
    bootstrap_node_ = met->second;
    return attach();
  }
  core_.links.open(address(), std::nullopt, [this, attempt = attempt_](Result<NodeId> result) {
    if (attempt != attempt_ || step_ != Step::connecting) return;
    if (!result) return try_next_address(result.error().message());
    met_.insert_or_assign(address(), *result);
    bootstrap_node_ = *result;
    attach();
  });
}

void Joining::attach() {
  // "n+1" is a place, not a node: it is the responsible peer that is to answer (10.5, 11.4).
  enter(Step::attaching, core_.options.bootstrap_timeout);
  const topology::RingPosition place{core_.identity.node_id()};
  core_.attaching.attach({(place + topology::ring_step).resource_id()},
                         [this, attempt = attempt_](Result<NodeId> result) {
                           if (attempt != attempt_ || step_ != Step::attaching) return;
                           if (!result) return try_same_address(result.error().message());
                           admitting_peer_ = *result;
                           // Its Update was asked for in the Attach.
                           enter(Step::meeting, core_.options.bootstrap_timeout);
                           core_.topology.start_joining(*result, core_.now);
                         });
}

void Joining::step() {
  if (step_ != Step::meeting || !core_.topology.ready_to_join()) return;
  if (!core_.forwarding.links().is_connected(*admitting_peer_)) return;
  send_join();
}

void Joining::send_join() {
  enter(Step::asking, core_.options.join_timeout);
  wire::JoinReq join;
  join.joining_peer_id = core_.identity.node_id();
  core_.transport.request(
      core_.now, {*admitting_peer_}, join, {.on_link_down = transport::OnLinkDown::fail},
      [this, attempt = attempt_](
          Now, std::expected<transport::Response, transport::RequestFailure> outcome) {
        if (attempt == attempt_ && step_ == Step::asking) {
          handle_join_response(std::move(outcome));
        }
      });
}

void Joining::handle_join_response(
    std::expected<transport::Response, transport::RequestFailure> outcome) {
  if (outcome) return enter(Step::receiving, core_.options.join_timeout);
  const Error& error = outcome.error().error;
  switch (error.code) {
    case ErrorCode::forbidden:
    case ErrorCode::incompatible_with_overlay:
      return finish(std::unexpected(error));
    default:
      // Somebody else joins there just now, or the ring has changed since we asked.
      return try_same_address(error.message());
  }
}

void Joining::handle_timeout() {
  switch (step_) {
    case Step::meeting:
      // A neighbor that does not answer is none; but without the AP's Update there is no way on.
      if (core_.topology.is_peer(*admitting_peer_)) return send_join();
      return try_next_address("no Update from " + admitting_peer_->to_hex());
    case Step::connecting:
    case Step::attaching:
      return try_next_address("no answer from " + address().to_string());
    case Step::asking:
    case Step::receiving:
      return try_same_address("the admitting peer does not go on");
    case Step::idle:
    case Step::pausing:
      return;
  }
}

void Joining::handle_link_down(const NodeId& node) {
  if (step_ == Step::idle || step_ == Step::pausing) return;
  const std::string why = "lost the link with " + node.to_hex();
  if (admitting_peer_ == node) return try_same_address(why);
  if (bootstrap_node_ == node && !admitting_peer_) try_next_address(why);
}

void Joining::handle_progress(const NodeId& from) {
  if (step_ == Step::receiving && admitting_peer_ == from) {
    enter(Step::receiving, core_.options.join_timeout);
  }
}

void Joining::pause(milliseconds how_long, std::move_only_function<void()> then) {
  ++attempt_;
  step_ = Step::pausing;
  core_.topology.abandon_joining(core_.now);
  admitting_peer_.reset();
  timer_.set(core_.now.monotonic + core_.random.jittered(how_long),
             [next = std::move(then)](Now) mutable { next(); });
}

void Joining::try_same_address(const std::string& why) {
  last_failure_ = why;
  if (++tries_ >= max_tries_at_one_address) return try_next_address(why);
  core_.notice(Severity::debug, "join: " + why + "; again");
  pause(core_.options.join_retry_first, [this] { connect(); });
}

void Joining::try_next_address(const std::string& why) {
  last_failure_ = why;
  core_.notice(Severity::info, "join through " + address().to_string() + ": " + why);
  tries_ = 0;
  if (++index_ >= addresses_.size()) return end_of_round();
  core_.topology.abandon_joining(core_.now);
  connect();
}

void Joining::end_of_round() {
  index_ = 0;
  // Whoever may start a ring does so only after everybody was asked once (6.4.2.1).
  if (core_.options.first) {
    core_.notice(Severity::info, "nobody answered (" + last_failure_ + "); starting a new ring");
    core_.topology.abandon_joining(core_.now);
    return core_.topology.start_alone(core_.now);
  }
  if (addresses_.empty() || ++round_ >= core_.options.join_rounds) {
    return finish(fail(ErrorCode::unreachable, "join", last_failure_ + core_.clock_watch.remark()));
  }
  const milliseconds wait = std::min(core_.options.join_retry_first * (1 << std::min(round_, 10U)),
                                     core_.options.join_retry_longest);
  pause(wait, [this] { connect(); });
}

void Joining::handle_join_completed() {
  core_.joined_at = core_.now.monotonic;
  core_.set_state(PeerState::joined);
  if (core_.topology.predecessors().empty()) core_.completeness.start_alone();
  core_.retention.start();
  core_.reconnecting.start();
  core_.replication.handle_neighbors_changed();
  finish({});
}

void Joining::abandon(const Error& why) {
  if (step_ != Step::idle || done_) finish(std::unexpected(why));
}

void Joining::finish(Result<void> result) {
  ++attempt_;
  step_ = Step::idle;
  timer_.cancel();
  bootstrap_node_.reset();
  admitting_peer_.reset();
  met_.clear();
  if (!result) {
    core_.topology.abandon_joining(core_.now);
    if (core_.state == PeerState::joining) core_.set_state(PeerState::idle);
    core_.links.close_all("could not join");
  }
  if (done_) core_.completions.add(std::exchange(done_, {}), std::move(result));
}

}  // namespace carillon::peer
