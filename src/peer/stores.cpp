#include "peer/stores.hpp"

#include <algorithm>
#include <utility>

#include "peer/bundle.hpp"
#include "peer/core.hpp"
#include "peer/rejections.hpp"
#include "peer/value_verification.hpp"

namespace carillon::peer {
namespace {

/// A Store is given up when this many replica timeouts have passed.
constexpr int deadline_in_timeouts = 2;

}  // namespace

void Stores::handle_store(Now now, transport::IncomingRequest request,
                          transport::ResponseToken token) {
  Reader reader{request.contents.message_body};
  auto store = wire::StoreReq::decode(reader, core_.data_models());
  reader.expect_end("StoreReq");
  if (reader.failed()) return core_.transport.respond_error(now, token, reader.error());
  const auto stray = read_stray_offer(store);
  if (!stray) return core_.transport.respond_error(now, token, stray.error());
  if (*stray) return handle_stray(now, **stray, request, token);
  const auto copied = read_copied_notice(store);
  if (!copied) return core_.transport.respond_error(now, token, copied.error());
  if (*copied) return core_.completeness.handle_notice(now, **copied, request, token);
  auto bundle = read_bundle(store, core_.data_models());
  if (!bundle) return core_.transport.respond_error(now, token, bundle.error());
  if (*bundle) {
    return core_.bundle_intake.add(now, std::move(**bundle), std::move(request), token);
  }
  if (store.replica_number != 0) return store_replica(now, std::move(store), request, token);
  if (!answers_for(store.resource, now, token)) return;
  store_original(std::move(store), to_storage(request.signer), request.certificates,
                 [this, token](storage::Answer<wire::StoreAns> answer) {
                   if (answer) return core_.transport.respond(core_.now, token, *answer);
                   core_.transport.respond_error(core_.now, token, to_wire(answer.error()));
                 });
}

bool Stores::answers_for(const ResourceId& resource, Now now, transport::ResponseToken token) {
  if (core_.is_member() && core_.topology.is_responsible(resource)) return true;
  core_.transport.respond_error(
      now, token, Error{ErrorCode::not_found, "StoreReq.resource", "not responsible for it"});
  return false;
}

void Stores::handle_stray(Now now, const std::vector<storage::ResourceDigest>& held,
                          const transport::IncomingRequest& request,
                          transport::ResponseToken token) {
  if (!answers_for(held.front().resource, now, token)) return;
  core_.stray_intake.handle_offer(now, held, request, token);
}

storage::Answer<storage::StoreOutcome> Stores::apply_replica(
    Now now, wire::StoreReq request, const transport::IncomingRequest& message) {
  if (!core_.topology.is_plausible_replica_store(request.resource, message.signer.node_id)) {
    return storage::reject(
        Error{ErrorCode::forbidden, "StoreReq.replica_number",
              "the sender is not responsible for the resource, or we are no replica of it"});
  }
  ValueVerification verification{core_.authenticator, message.certificates};
  const storage::StoreContext context{now, verification, to_storage(message.signer)};
  return core_.storage.store(std::move(request), context);
}

void Stores::store_replica(Now now, wire::StoreReq request,
                           const transport::IncomingRequest& message,
                           transport::ResponseToken token) {
  core_.joining.handle_progress(message.signer.node_id);
  auto outcome = apply_replica(now, std::move(request), message);
  if (!outcome) return core_.transport.respond_error(now, token, to_wire(outcome.error()));
  if (outcome->changed) core_.commit.mark();
  core_.commit.after_sync(
      [this, token, answer = std::move(outcome->answer)](const Result<void>& synced) {
        if (synced) return core_.transport.respond(core_.now, token, answer);
        core_.transport.respond_error(core_.now, token, synced.error());
      });
}

void Stores::store_original(wire::StoreReq request, const storage::Signer& signer,
                            const security::CertificateBucket& certificates, Done done) {
  if (pending_.size() >= core_.options.max_calls) {
    return done(std::unexpected(
        storage::Rejection{{ErrorCode::busy, "Store", "too many wait for their replicas"}, {}}));
  }
  ValueVerification verification{core_.authenticator, certificates};
  const storage::StoreContext context{core_.now, verification, signer};
  auto outcome = core_.storage.store(std::move(request), context);
  if (!outcome) return done(std::unexpected(outcome.error()));

  const std::uint64_t id = ++last_id_;
  auto pending = std::make_unique<Pending>(core_.timers);
  pending->applied = std::move(outcome->applied);
  pending->certificates = std::move(verification).take_used();
  pending->answer = std::move(outcome->answer);
  pending->done = std::move(done);
  const auto replicas = core_.topology.replica_set();
  for (auto& kind : pending->answer.kind_responses)
    kind.replicas = replicas;
  pending->deadline.set(
      core_.now.monotonic + deadline_in_timeouts * core_.options.replica_timeout, [this, id](Now) {
        answer(id,
               std::unexpected(storage::Rejection{{ErrorCode::request_timeout, "Store",
                                                   "not enough replicas have confirmed in time"},
                                                  {}}));
        pending_.erase(id);
      });
  pending_.emplace(id, std::move(pending));
  // Even if all was stored already: perhaps an earlier attempt did not reach the replicas.
  if (outcome->changed) core_.commit.mark();
  core_.commit.after_sync([this, id](const Result<void>& result) { handle_synced(id, result); });
  replicate(id);
}

void Stores::replicate(std::uint64_t id) {
  const ResourceId resource = pending_.at(id)->applied.resource;
  for (const NodeId& node : core_.topology.replica_set())
    send_copy(id, node);
  // Whoever is about to take this place over must not miss it (10.5).
  if (const auto heir = core_.admission.heir_of(resource)) send_copy(id, *heir);
}

void Stores::send_copy(std::uint64_t id, const NodeId& node) {
  Pending& pending = *pending_.at(id);
  const auto known = std::ranges::find(pending.copies, node, &Copy::node);
  if (known != pending.copies.end()) return;
  pending.copies.push_back({node, Copy::State::under_way});
  pending.applied.replica_number = static_cast<std::uint8_t>(pending.copies.size());
  transport::RequestOptions options;
  options.on_link_down = transport::OnLinkDown::fail;
  options.max_sends = 1;
  options.interval = core_.options.replica_timeout;
  options.certificates = pending.certificates;
  core_.transport.request(
      core_.now, {node}, pending.applied, std::move(options),
      [this, id, node](Now, std::expected<transport::Response, transport::RequestFailure> outcome) {
        handle_copy_outcome(id, node, std::move(outcome));
      });
}

void Stores::handle_copy_outcome(
    std::uint64_t id, const NodeId& node,
    std::expected<transport::Response, transport::RequestFailure> outcome) {
  if (!outcome) {
    core_.notice(Severity::debug,
                 "replica at " + node.to_hex() + ": " + outcome.error().error.message());
    core_.replication.handle_missed(node);
    core_.admission.handle_missed(node);
  }
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const auto copy = std::ranges::find(found->second->copies, node, &Copy::node);
  copy->state = outcome ? Copy::State::confirmed : Copy::State::failed;
  judge(id);
}

void Stores::handle_synced(std::uint64_t id, const Result<void>& result) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  if (!result) {
    answer(id, std::unexpected(storage::Rejection{result.error(), {}}));
    pending_.erase(id);
    return;
  }
  found->second->synced = true;
  judge(id);
}

void Stores::judge(std::uint64_t id) {
  Pending& pending = *pending_.at(id);
  const auto count = [&](Copy::State state) {
    return static_cast<std::size_t>(std::ranges::count(pending.copies, state, &Copy::state));
  };
  const std::size_t confirmed = count(Copy::State::confirmed);
  const std::size_t under_way = count(Copy::State::under_way);
  const std::vector<NodeId> available = core_.topology.successors();
  const std::size_t needed = std::min<std::size_t>(core_.options.confirmations, available.size());

  if (pending.done && confirmed + under_way < needed) {
    // A replica has failed: the next peer along holds the value until the ring is mended.
    for (const NodeId& node : available) {
      const auto tried = std::ranges::find(pending.copies, node, &Copy::node);
      if (tried == pending.copies.end()) return send_copy(id, node);
    }
    return answer(id, std::unexpected(storage::Rejection{
                          {ErrorCode::request_timeout, "Store", "no replica could confirm"}, {}}));
  }
  if (pending.synced && confirmed >= needed) answer(id, pending.answer);
  if (!pending.done && under_way == 0) pending_.erase(id);
}

void Stores::answer(std::uint64_t id, storage::Answer<wire::StoreAns> answer) {
  Pending& pending = *pending_.at(id);
  if (pending.done) std::exchange(pending.done, {})(std::move(answer));
}

}  // namespace carillon::peer
