#include "peer/find_call.hpp"

#include <algorithm>

#include "peer/core.hpp"

namespace carillon::peer {

using topology::RingInterval;
using topology::RingPosition;

FindCall::FindCall(PeerCore& core, CallId id, Request request, Overlay::Handler<Report> done)
    : Call(core, id),
      request_(std::move(request)),
      done_(std::move(done)),
      at_(RingPosition{request_.from}.resource_id()) {}

void FindCall::attempt() {
  const wire::FindReq find{at_, {request_.kind}};
  if (!core().topology.is_responsible(at_)) {
    return send(at_, wire::FindReq::code, wire::encode(find));
  }
  if (!core().completeness.is_complete()) {
    return fail({ErrorCode::in_progress, "find", "our copy is not complete yet"});
  }
  auto outcome = core().storage.find(find, to_storage(*core().topology.range()), core().now);
  if (!outcome) return end_with(outcome.error().error);
  handle_answer(*outcome, core().identity.node_id());
}

void FindCall::handle_response(const transport::Response& response) {
  const auto answer = wire::decode_whole<wire::FindAns>(response.contents.message_body);
  if (!answer) return fail({ErrorCode::request_timeout, "FindAns", "is malformed"});
  handle_answer(*answer, response.signer.node_id);
}

void FindCall::handle_answer(const wire::FindAns& answer, const NodeId& peer) {
  const auto result = std::ranges::find(answer.results, request_.kind, &wire::FindKindData::kind);
  const RingPosition at{at_};
  const RingInterval asked{at - topology::ring_step, RingPosition{peer}};
  // Zeros: none. One from before our place: the peer means the closest on either side.
  if (result != answer.results.end() && !RingPosition{result->closest}.is_zero() &&
      asked.contains(result->closest)) {
    return report(result->closest);
  }
  // Nothing up to that peer: on to the next, unless the walk has come round to its start.
  const RingPosition next = RingPosition{peer} + topology::ring_step;
  const RingPosition start{request_.from};
  const bool came_round = asked.is_whole() || (steps_ > 0 && asked.contains(start));
  if (came_round || ++steps_ > max_steps) return report(std::nullopt);
  at_ = next.resource_id();
  start_step();
}

void FindCall::report(std::optional<ResourceId> resource) {
  core().completions.add(std::move(done_), Result<FindReport>{FindReport{std::move(resource)}});
  finish();
}

void FindCall::give_up(const Error& error) {
  core().completions.add(std::move(done_), Result<FindReport>{std::unexpected(error)});
}

}  // namespace carillon::peer
