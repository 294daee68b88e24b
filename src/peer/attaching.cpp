#include "peer/attaching.hpp"

#include <utility>

#include "base/bytes.hpp"
#include "peer/candidates.hpp"
#include "peer/core.hpp"
#include "wire/app_attach.hpp"

namespace carillon::peer {

using transport::RequestFailure;
using transport::Response;

wire::AttachReqAns Attaching::our_side(bool as_request) const {
  wire::AttachReqAns attach;
  // Without ICE nobody looks at these, but they are not to be empty (RFC 5245, 15.4).
  attach.ufrag = to_bytes(as_bytes("none"));
  attach.password = to_bytes(as_bytes("none-none-none-none-none"));
  attach.role = to_bytes(as_bytes(as_request ? "passive" : "active"));
  attach.candidates = make_candidates(core_.options.listen);
  attach.send_update = as_request;
  return attach;
}

void Attaching::attach(wire::DestinationList destinations, Done done) {
  const NodeId* node = destinations.back().node_id();
  const std::optional<NodeId> target = node == nullptr ? std::nullopt : std::optional{*node};
  if (target && core_.forwarding.links().is_connected(*target)) return done(*target);
  if (outgoing_.size() >= core_.options.max_attaches) {
    return done(fail(ErrorCode::busy, "Attach", "too many under way"));
  }
  const Tag tag{++last_tag_};
  auto outgoing = std::make_unique<Outgoing>(core_.timers);
  outgoing->target = target;
  outgoing->done = std::move(done);
  Outgoing& kept = *outgoing;
  outgoing_.emplace(tag, std::move(outgoing));
  kept.transaction =
      core_.transport.request(core_.now, std::move(destinations), wire::MessageCode::attach_req,
                              wire::encode(our_side(true)), {},
                              [this, tag](Now, std::expected<Response, RequestFailure> outcome) {
                                handle_response(tag, std::move(outcome));
                              });
}

void Attaching::handle_response(Tag tag, std::expected<Response, RequestFailure> outcome) {
  const auto found = outgoing_.find(tag);
  if (found == outgoing_.end()) return;
  Outgoing& outgoing = *found->second;
  if (!outcome) {
    // In progress: the other side attaches to us, and that is as good (6.5.1.2).
    const bool other_way = outcome.error().error.code == ErrorCode::in_progress;
    const auto who = outgoing.target          ? outgoing.target
                     : outcome.error().signer ? std::optional{outcome.error().signer->node_id}
                                              : std::nullopt;
    if (other_way && who) {
      // Its Attach may take another way, and come after this answer.
      outgoing.gives_way = true;
      return wait_for_link(tag, *who);
    }
    return finish(tag, std::unexpected(outcome.error().error));
  }
  const auto answer = wire::decode_whole<wire::AttachReqAns>(outcome->contents.message_body);
  if (!answer) return finish(tag, std::unexpected(answer.error()));
  const NodeId node = outcome->signer.node_id;
  if (const auto address = listening_address(answer->candidates)) {
    core_.known_peers.add(node, *address, core_.now.monotonic);
  }
  wait_for_link(tag, node);
}

void Attaching::wait_for_link(Tag tag, const NodeId& node) {
  if (core_.forwarding.links().is_connected(node)) return finish(tag, node);
  Outgoing& outgoing = *outgoing_.at(tag);
  outgoing.answered_by = node;
  outgoing.timeout.set(core_.now.monotonic + core_.forwarding.options().open_timeout, [this,
                                                                                       tag](Now) {
    finish(tag, fail(ErrorCode::unreachable, "Attach", "the node answered but did not connect"));
  });
}

void Attaching::finish(Tag tag, Result<NodeId> result) {
  auto outgoing = outgoing_.extract(tag);
  if (!outgoing.empty()) outgoing.mapped()->done(std::move(result));
}

Attaching::Outgoing* Attaching::find_outgoing(const NodeId& node) {
  for (auto& [tag, outgoing] : outgoing_) {
    if (outgoing->target == node || outgoing->answered_by == node) return outgoing.get();
  }
  return nullptr;
}

bool Attaching::is_attaching_to(const NodeId& node) const {
  for (const auto& [tag, outgoing] : outgoing_) {
    if (outgoing->target == node || outgoing->answered_by == node) return true;
  }
  return false;
}

void Attaching::handle_link_up(const NodeId& node) {
  if (updates_owed_.erase(node) > 0) core_.topology.handle_update_requested(node, core_.now);
  std::vector<Tag> ended;
  for (const auto& [tag, outgoing] : outgoing_) {
    if (outgoing->target == node || outgoing->answered_by == node) ended.push_back(tag);
  }
  for (const Tag tag : ended)
    finish(tag, node);
}

void Attaching::handle_link_down(const NodeId& node) {
  updates_owed_.erase(node);
}

void Attaching::handle_attach(Now now, transport::IncomingRequest request,
                              transport::ResponseToken token) {
  const NodeId sender = request.signer.node_id;
  auto& transport = core_.transport;
  const auto attach = wire::decode_whole<wire::AttachReqAns>(request.contents.message_body);
  if (!attach) return transport.respond_error(now, token, attach.error());
  const auto address = listening_address(attach->candidates);
  if (!address) {
    return transport.respond_error(now, token,
                                   Error{ErrorCode::incompatible_with_overlay,
                                         "AttachReqAns.candidates", "none for TLS without ICE"});
  }
  if (Outgoing* ours = find_outgoing(sender)) {
    // Both attach to each other: one of the two goes on, the larger Node-ID's (6.5.1.2).
    const bool ours_goes_on = ours->answered_by || core_.identity.node_id() > sender;
    if (ours_goes_on && !ours->gives_way) {
      if (attach->send_update) updates_owed_.insert(sender);
      return transport.respond_error(
          now, token, Error{ErrorCode::in_progress, "Attach", "we are attaching to you"});
    }
    ours->answered_by = sender;
    ours->gives_way = true;
    transport.cancel(ours->transaction, Error{ErrorCode::in_progress, "Attach", "theirs goes on"});
  }
  core_.known_peers.add(sender, *address, now.monotonic);
  transport.respond(now, token, wire::encode(our_side(false)));

  const bool connected = core_.forwarding.links().is_connected(sender);
  // Whoever attaches to a place does not know who stands there: a link may exist already. Whoever
  // attaches to us by name has none, whatever it looks like from here.
  if (connected && request.destination.node_id() == nullptr) {
    if (attach->send_update) core_.topology.handle_update_requested(sender, now);
    return;
  }
  if (attach->send_update) {
    if (updates_owed_.size() < core_.options.max_attaches) updates_owed_.insert(sender);
  }
  core_.links.open(*address, sender, [this, sender](const Result<NodeId>& result) {
    if (result) return;
    updates_owed_.erase(sender);
    core_.notice(Severity::debug, "Attach of " + sender.to_hex() + ": " + result.error().message());
  });
}

void Attaching::handle_app_attach(Now now, const transport::IncomingRequest& request,
                                  transport::ResponseToken token) {
  const auto attach = wire::decode_whole<wire::AppAttachReq>(request.contents.message_body);
  if (!attach) return core_.transport.respond_error(now, token, attach.error());
  core_.transport.respond_error(
      now, token,
      Error{ErrorCode::not_found, "AppAttachReq.application", "no application here takes it"});
}

}  // namespace carillon::peer
