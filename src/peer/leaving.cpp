#include "peer/leaving.hpp"

#include <utility>

#include "peer/core.hpp"
#include "wire/leave.hpp"

namespace carillon::peer {

Leaving::Leaving(PeerCore& core) : core_(core), deadline_(core.timers), retry_(core.timers) {}

void Leaving::start(Done done) {
  if (step_ == Step::done) return core_.completions.add(std::move(done), Result<void>{});
  done_.push_back(std::move(done));
  if (is_under_way()) return;
  if (core_.state != PeerState::joined) {
    core_.joining.abandon(Error{ErrorCode::not_joined, "join", "leave was called"});
    return finish();
  }
  core_.set_state(PeerState::draining);
  core_.admission.abandon();
  core_.reconnecting.stop();
  step_ = Step::handing_over;
  deadline_.set(core_.now.monotonic + core_.options.drain_deadline, [this](Now) {
    result_ = fail(ErrorCode::request_timeout, "leave",
                   "not all data was confirmed by those who will answer for it");
    core_.notice(Severity::error, result_.error().message());
    say_goodbye();
  });
  hand_over();
}

void Leaving::hand_over() {
  const auto range = core_.topology.range();
  const std::vector<NodeId> heirs = core_.topology.replica_set();
  heirs_ = {heirs.begin(), heirs.end()};
  if (heirs.empty() || !range) {
    core_.notice(Severity::info, "no other peer is there to hand data to; it stays on the disk");
    return say_goodbye();
  }
  for (const NodeId& heir : heirs) {
    core_.replication.bring_up_to_date(heir, to_storage(*range), [this, heir](Result<void> result) {
      handle_handed_over(heir, std::move(result));
    });
  }
}

void Leaving::handle_handed_over(const NodeId& heir, Result<void> result) {
  if (step_ != Step::handing_over || !heirs_.contains(heir)) return;
  if (!result && result.error().code != ErrorCode::forbidden) {
    // It may have died, which changes the ring and starts this anew; else again till the deadline.
    core_.notice(Severity::warning,
                 "handing over to " + heir.to_hex() + ": " + result.error().message());
    retry_.set(core_.now.monotonic + retry_pause, [this](Now) {
      if (step_ == Step::handing_over) hand_over();
    });
    return;
  }
  if (!result) {
    core_.notice(Severity::error, result.error().message());
    result_ = std::move(result);
  }
  heirs_.erase(heir);
  if (heirs_.empty()) hand_on_strays();
}

/// Soon after two rings have become one we may hold the only copy of what others answer for.
void Leaving::hand_on_strays() {
  step_ = Step::handing_on;
  core_.strays.hand_on([this](bool all_safe) {
    if (step_ != Step::handing_on) return;
    if (!all_safe) {
      core_.notice(Severity::warning, "not all copies of what others answer for were taken");
    }
    say_goodbye();
  });
}

void Leaving::handle_ring_changed() {
  if (!is_handing()) return;
  step_ = Step::handing_over;
  hand_over();
}

void Leaving::say_goodbye() {
  if (!is_handing()) return;
  step_ = Step::saying_goodbye;
  retry_.cancel();
  const std::vector<NodeId> nodes = core_.forwarding.links().connected_nodes();
  std::vector<wire::LeaveReq> requests;
  for (const NodeId& node : nodes) {
    requests.push_back({core_.identity.node_id(), core_.topology.leave_data(node)});
  }
  core_.topology.leave(core_.now);
  deadline_.set(core_.now.monotonic + core_.options.goodbye_deadline, [this](Now) { finish(); });
  goodbyes_ = nodes.size();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    core_.transport.request(
        core_.now, {nodes[i]}, requests[i], {.on_link_down = transport::OnLinkDown::fail},
        [this](Now, const std::expected<transport::Response, transport::RequestFailure>&) {
          handle_goodbye_answer();
        });
  }
  if (nodes.empty()) finish();
}

void Leaving::handle_goodbye_answer() {
  if (step_ != Step::saying_goodbye || --goodbyes_ > 0) return;
  finish();
}

void Leaving::finish() {
  step_ = Step::done;
  deadline_.cancel();
  core_.reconnecting.stop();
  core_.clock_watch.stop();
  core_.retention.stop();
  core_.strays.stop();
  core_.stray_intake.stop();
  core_.replication.stop();
  core_.completeness.stop();
  core_.digester.stop();
  core_.calls.stop();
  core_.stores.stop();
  core_.bundle_intake.stop();
  core_.set_state(PeerState::left);
  core_.links.close_all("this node has left the overlay");
  for (auto& done : std::exchange(done_, {}))
    core_.completions.add(std::move(done), result_);
}

void Leaving::handle_leave(Now now, const transport::IncomingRequest& request,
                           transport::ResponseToken token) {
  auto& transport = core_.transport;
  const auto leave = wire::decode_whole<wire::LeaveReq>(request.contents.message_body);
  if (!leave) return transport.respond_error(now, token, leave.error());
  const NodeId node = leave->leaving_peer_id;
  if (node != request.signer.node_id || request.previous_hop != node) {
    return transport.respond_error(now, token,
                                   Error{ErrorCode::forbidden, "LeaveReq.leaving_peer_id",
                                         "is not the node at the end of this link"});
  }
  core_.notice(Severity::info, "node " + node.to_hex() + " leaves");
  core_.reconnecting.handle_goodbye(node);
  core_.known_peers.remove(node);
  core_.ring_changed = true;
  if (auto taken = core_.topology.handle_leave(node, leave->overlay_specific_data, now); !taken) {
    return transport.respond_error(now, token, taken.error());
  }
  transport.respond(now, token, wire::LeaveAns{});
}

}  // namespace carillon::peer
