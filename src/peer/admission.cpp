#include "peer/admission.hpp"

#include <utility>

#include "peer/core.hpp"
#include "wire/join.hpp"

namespace carillon::peer {

void Admission::handle_join(Now now, const transport::IncomingRequest& request,
                            transport::ResponseToken token) {
  auto& transport = core_.transport;
  constexpr auto where = "JoinReq.joining_peer_id";
  const auto join = wire::decode_whole<wire::JoinReq>(request.contents.message_body);
  if (!join) return transport.respond_error(now, token, join.error());
  const NodeId node = join->joining_peer_id;
  // Joins happen only over a direct link that is bound to the node that joins (6.4.2.1).
  if (node != request.signer.node_id || request.previous_hop != node) {
    return transport.respond_error(
        now, token, Error{ErrorCode::forbidden, where, "is not the node at the end of this link"});
  }
  if (core_.state != PeerState::joined) {
    return transport.respond_error(now, token,
                                   Error{ErrorCode::in_progress, where, "this peer is leaving"});
  }
  if (joining_ && joining_ != node) {
    return transport.respond_error(
        now, token, Error{ErrorCode::in_progress, where, "another node is joining here"});
  }
  if (auto allowed = core_.topology.handle_join(node, now); !allowed) {
    return transport.respond_error(now, token, allowed.error());
  }
  transport.respond(now, token, wire::JoinAns{});
  if (joining_ == node) return;  // It asks again; the data is on its way.
  joining_ = node;
  core_.notice(Severity::info, "admitting node " + node.to_hex());
  hand_over();
}

void Admission::hand_over() {
  missed_ = false;
  const NodeId node = *joining_;
  // What it will be a replica of, those before it send when it is there. Should they be dead, it
  // knows that it lacks that (completeness.hpp).
  const topology::RingInterval interval = core_.topology.range_of_joining(node);
  core_.replication.bring_up_to_date(
      node, to_storage(interval), [this, node, interval](const Result<void>& result) {
        if (joining_ != node) return;
        const bool refused = !result && result.error().code == ErrorCode::forbidden;
        if (!result && !refused) {
          core_.notice(Severity::warning,
                       "could not hand over to " + node.to_hex() + ": " + result.error().message());
          joining_.reset();
          // It gives up by itself, or asks again.
          return;
        }
        if (missed_ || interval != core_.topology.range_of_joining(node)) return hand_over();
        if (refused) core_.notice(Severity::warning, result.error().message());
        joining_.reset();
        core_.replication.tell_copied(node, to_storage(interval));
        core_.topology.admit(node, core_.now);
      });
}

std::optional<NodeId> Admission::heir_of(const ResourceId& resource) const {
  if (!joining_ || !core_.topology.range_of_joining(*joining_).contains(resource)) {
    return std::nullopt;
  }
  return joining_;
}

void Admission::handle_missed(const NodeId& node) {
  if (joining_ == node) missed_ = true;
}

void Admission::handle_link_down(const NodeId& node) {
  if (joining_ != node) return;
  core_.notice(Severity::info, "node " + node.to_hex() + " has gone before it was admitted");
  joining_.reset();
}

void Admission::handle_range_changed() {
  // The place of the node may be another peer's now; it will ask there.
  if (joining_ && !core_.topology.is_responsible(*joining_)) joining_.reset();
}

}  // namespace carillon::peer
