#include "peer/stray_intake.hpp"

#include <utility>

#include "peer/copies.hpp"
#include "peer/core.hpp"

namespace carillon::peer {

using topology::RingPosition;
using transport::RequestFailure;
using transport::Response;

void StrayIntake::handle_offer(Now now, const std::vector<storage::ResourceDigest>& held,
                               const transport::IncomingRequest& request,
                               transport::ResponseToken token) {
  if (offers_.size() >= max_offers) {
    return core_.transport.respond_error(now, token,
                                         Error{ErrorCode::busy, "stray_offer", "too many at once"});
  }
  Offer offer{.from = request.signer.node_id, .token = token};
  for (const auto& theirs : held) {
    if (!core_.topology.is_responsible(theirs.resource)) continue;
    const auto same = is_as_ours(theirs);
    if (!same) return core_.transport.respond_error(now, token, same.error());
    if (!*same) offer.to_fetch.push_back(theirs.resource);
  }
  const std::uint64_t id = ++last_id_;
  offers_.emplace(id, std::move(offer));
  go_on(id);
}

Result<bool> StrayIntake::is_as_ours(const storage::ResourceDigest& theirs) const {
  const RingPosition place{theirs.resource};
  const storage::RingInterval only{(place - topology::ring_step).node_id(), place.node_id()};
  const auto ours = core_.storage.digests(only, std::nullopt, 1, core_.now);
  if (!ours) return std::unexpected(ours.error());
  return !ours->resources.empty() && ours->resources.front() == theirs;
}

void StrayIntake::go_on(std::uint64_t id) {
  Offer& offer = offers_.at(id);
  while (!offer.failure && offer.in_flight < window && !offer.to_fetch.empty()) {
    const ResourceId resource = std::move(offer.to_fetch.front());
    offer.to_fetch.pop_front();
    fetch(id, offer, resource);
  }
  if (offer.in_flight > 0) return;
  finish(std::move(offers_.extract(id).mapped()));
}

void StrayIntake::fetch(std::uint64_t id, Offer& offer, const ResourceId& resource) {
  wire::FetchReq request;
  request.resource = resource;
  for (const auto& kind : core_.overlay().kinds)
    request.specifiers.push_back(wire::StoredDataSpecifier::all(kind.id, kind.data_model));
  ++offer.in_flight;
  core_.transport.request(
      core_.now, {offer.from}, request, {.max_sends = 2},
      [this, id, resource](Now, std::expected<Response, RequestFailure> outcome) {
        const auto found = offers_.find(id);
        if (found == offers_.end()) return;
        Offer& waiting = found->second;
        --waiting.in_flight;
        if (!outcome) {
          waiting.failure = outcome.error().error;
        } else if (const auto merged = take_copy(core_, resource, *outcome); !merged) {
          waiting.failure = merged.error();
        } else if (merged->taken > 0) {
          waiting.has_news = true;
        }
        go_on(id);
      });
}

void StrayIntake::finish(Offer offer) {
  if (offer.has_news) {
    core_.notice(Severity::info, "took newer values from " + offer.from.to_hex());
    for (const NodeId& replica : core_.topology.replica_set())
      core_.replication.handle_missed(replica);
  }
  core_.commit.after_sync(
      [this, token = offer.token, failure = std::move(offer.failure)](const Result<void>& synced) {
        if (!synced) return core_.transport.respond_error(core_.now, token, synced.error());
        if (failure) return core_.transport.respond_error(core_.now, token, *failure);
        core_.transport.respond(core_.now, token, wire::StoreAns{{{stray_kind, 1, {}}}});
      });
}

}  // namespace carillon::peer
