#include "peer/requests.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "peer/core.hpp"
#include "peer/rejections.hpp"
#include "wire/chord_route_query_ans.hpp"
#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/ping.hpp"
#include "wire/probe.hpp"
#include "wire/route_query.hpp"
#include "wire/stat.hpp"
#include "wire/update.hpp"

namespace carillon::peer {
void Requests::handle(Now now, transport::IncomingRequest request, transport::ResponseToken token) {
  using wire::MessageCode;
  switch (request.contents.message_code) {
    case MessageCode::store_req:
      return core_.stores.handle_store(now, std::move(request), token);
    case MessageCode::fetch_req:
      return handle_fetch(now, request, token);
    case MessageCode::stat_req:
      return handle_stat(now, request, token);
    case MessageCode::find_req:
      return handle_find(now, request, token);
    case MessageCode::ping_req:
      return handle_ping(now, request, token);
    case MessageCode::probe_req:
      return handle_probe(now, request, token);
    case MessageCode::route_query_req:
      return handle_route_query(now, request, token);
    case MessageCode::update_req:
      return handle_update(now, request, token);
    case MessageCode::join_req:
      return core_.admission.handle_join(now, request, token);
    case MessageCode::leave_req:
      return core_.leaving.handle_leave(now, request, token);
    case MessageCode::attach_req:
      return core_.attaching.handle_attach(now, std::move(request), token);
    case MessageCode::app_attach_req:
      return core_.attaching.handle_app_attach(now, request, token);
    case MessageCode::config_update_req:
      return core_.config_updates.handle_update(now, request, token);
    default:
      return core_.transport.respond_error(
          now, token,
          Error{ErrorCode::invalid_message, "MessageContents.message_code",
                "this request is not supported"});
  }
}

void Requests::handle_ping(Now now, const transport::IncomingRequest& request,
                           transport::ResponseToken token) {
  const auto ping = wire::decode_whole<wire::PingReq>(request.contents.message_body);
  if (!ping) return core_.transport.respond_error(now, token, ping.error());
  core_.transport.respond(now, token, wire::PingAns{core_.random.u64(), to_milliseconds(now.wall)});
}

void Requests::handle_probe(Now now, const transport::IncomingRequest& request,
                            transport::ResponseToken token) {
  const auto probe = wire::decode_whole<wire::ProbeReq>(request.contents.message_body);
  if (!probe) return core_.transport.respond_error(now, token, probe.error());
  const auto& asked = probe->requested_info;
  const bool counts =
      std::ranges::find(asked, wire::ProbeInformationType::num_resources) != asked.end();
  if (!counts) return answer_probe(*probe, 0, token);
  with_stored_resources([this, probe = *probe, token](Result<std::uint32_t> count) {
    if (count) return answer_probe(probe, *count, token);
    core_.transport.respond_error(core_.now, token, count.error());
  });
}

void Requests::answer_probe(const wire::ProbeReq& probe, std::uint32_t resources,
                            transport::ResponseToken token) {
  using wire::ProbeInformationType;
  constexpr double billion = 1e9;
  wire::ProbeAns answer;
  for (const auto type : probe.requested_info) {
    if (type == ProbeInformationType::responsible_set) {
      const auto range = core_.topology.range();
      const double share = range ? range->fraction() : 0.0;
      answer.probe_info.push_back({type, static_cast<std::uint32_t>(std::lround(share * billion))});
    } else if (type == ProbeInformationType::num_resources) {
      answer.probe_info.push_back({type, resources});
    } else if (type == ProbeInformationType::uptime) {
      const auto uptime =
          std::chrono::duration_cast<seconds>(core_.now.monotonic - core_.joined_at);
      answer.probe_info.push_back({type, static_cast<std::uint32_t>(uptime.count())});
    }
  }
  core_.transport.respond(core_.now, token, answer);
}

void Requests::with_stored_resources(UseCount use) {
  if (counted_at_ && core_.now.monotonic - *counted_at_ <= count_lifetime) return use(counted_);
  if (counting_for_.size() >= max_waiting_for_count) {
    return use(fail(ErrorCode::busy, "ProbeReq", "too many wait for the count"));
  }
  counting_for_.push_back(std::move(use));
  if (counting_for_.size() > 1) return;
  // The digest of the whole ring tells it, too, and does not hold anything up.
  core_.digester.compute({storage::RingInterval::whole()},
                         [this](Result<std::vector<RangeDigest>> digests) {
                           auto waiting = std::exchange(counting_for_, {});
                           if (digests) {
                             counted_ = digests->front().resources;
                             counted_at_ = core_.now.monotonic;
                           }
                           for (auto& each : waiting) {
                             digests ? each(counted_) : each(std::unexpected(digests.error()));
                           }
                         });
}

void Requests::handle_route_query(Now now, const transport::IncomingRequest& request,
                                  transport::ResponseToken token) {
  const auto query = wire::decode_whole<wire::RouteQueryReq>(request.contents.message_body);
  if (!query) return core_.transport.respond_error(now, token, query.error());
  const NodeId* node = query->destination.node_id();
  const ResourceId* resource = query->destination.resource_id();
  if (node == nullptr && resource == nullptr) {
    return core_.transport.respond_error(now, token,
                                         Error{ErrorCode::not_found, "RouteQueryReq.destination",
                                               "neither a Node-ID nor a Resource-ID"});
  }
  const bool ours = node != nullptr ? core_.is_responsible(*node) : core_.is_responsible(*resource);
  const auto next =
      ours ? std::optional{core_.identity.node_id()} : core_.next_hop(query->destination);
  if (!next) {
    return core_.transport.respond_error(
        now, token, Error{ErrorCode::not_found, "RouteQueryReq.destination", "no way there"});
  }
  core_.transport.respond(now, token, wire::ChordRouteQueryAns{*next});
  if (query->send_update) core_.topology.handle_update_requested(request.signer.node_id, now);
}

void Requests::handle_update(Now now, const transport::IncomingRequest& request,
                             transport::ResponseToken token) {
  const auto taken =
      core_.topology.handle_update(request.signer.node_id, request.contents.message_body, now);
  if (!taken) return core_.transport.respond_error(now, token, taken.error());
  core_.transport.respond(now, token, wire::UpdateAns{});
}

void Requests::handle_fetch(Now now, const transport::IncomingRequest& request,
                            transport::ResponseToken token) {
  Reader reader{request.contents.message_body};
  const auto fetch = wire::FetchReq::decode(reader, core_.data_models());
  reader.expect_end("FetchReq");
  if (reader.failed()) return core_.transport.respond_error(now, token, reader.error());
  auto intervals = digest_intervals(fetch);
  if (!intervals) return core_.transport.respond_error(now, token, intervals.error());
  if (*intervals) {
    return answer_digests(now, request.signer.node_id, std::move(**intervals), token);
  }
  once_sure(request, fetch.resource, token, [this, fetch, token] { answer_fetch(fetch, token); });
}

void Requests::once_sure(const transport::IncomingRequest& request, const ResourceId& resource,
                         transport::ResponseToken token, std::move_only_function<void()> answer) {
  // Whoever asks for a node's own copy gets that; for a resource, what all who hold it have.
  const bool asked_by_place = request.destination.resource_id() != nullptr;
  if (!asked_by_place || !core_.completeness.may_lack(resource)) return answer();
  core_.completeness.take(
      resource, [this, token, answer = std::move(answer)](const Result<void>& taken) mutable {
        if (taken) return answer();
        core_.transport.respond_error(core_.now, token, taken.error());
      });
}

void Requests::answer_fetch(const wire::FetchReq& fetch, transport::ResponseToken token) {
  auto outcome = core_.storage.fetch(fetch, core_.now);
  if (!outcome) return core_.transport.respond_error(core_.now, token, to_wire(outcome.error()));
  core_.transport.respond(core_.now, token, outcome->content,
                          core_.bucket_of(outcome->certificates));
}

void Requests::answer_digests(Now now, const NodeId& asker,
                              std::vector<storage::RingInterval> intervals,
                              transport::ResponseToken token) {
  // It costs a walk through what is stored: only for those who have our data, or we theirs.
  if (!core_.topology.is_peer(asker)) {
    return core_.transport.respond_error(
        now, token, Error{ErrorCode::forbidden, "range_digest", "only for connected peers"});
  }
  core_.joining.handle_progress(asker);
  auto asked = intervals;
  core_.digester.compute(std::move(asked), [this, token, what = std::move(intervals)](
                                               Result<std::vector<RangeDigest>> digests) {
    if (!digests) return core_.transport.respond_error(core_.now, token, digests.error());
    core_.transport.respond(core_.now, token, make_digest_answer(what, *digests));
  });
}

void Requests::handle_stat(Now now, const transport::IncomingRequest& request,
                           transport::ResponseToken token) {
  Reader reader{request.contents.message_body};
  const auto stat = wire::StatReq::decode(reader, core_.data_models());
  reader.expect_end("StatReq");
  if (reader.failed()) return core_.transport.respond_error(now, token, reader.error());
  once_sure(request, stat.resource, token, [this, stat, token] { answer_stat(stat, token); });
}

void Requests::answer_stat(const wire::StatReq& stat, transport::ResponseToken token) {
  const auto outcome = core_.storage.stat(stat, core_.now);
  if (!outcome) return core_.transport.respond_error(core_.now, token, to_wire(outcome.error()));
  core_.transport.respond(core_.now, token, *outcome);
}

void Requests::handle_find(Now now, const transport::IncomingRequest& request,
                           transport::ResponseToken token) {
  const auto find = wire::decode_whole<wire::FindReq>(request.contents.message_body);
  if (!find) return core_.transport.respond_error(now, token, find.error());
  const auto range = core_.topology.range();
  if (!range || !range->contains(find->resource)) {
    return core_.transport.respond_error(
        now, token, Error{ErrorCode::not_found, "FindReq.resource", "not responsible for it"});
  }
  // Nothing says what we lack: who walks through all asks again.
  if (!core_.completeness.is_complete()) {
    return core_.transport.respond_error(
        now, token, Error{ErrorCode::in_progress, "FindReq", "our copy is not complete yet"});
  }
  const auto outcome = core_.storage.find(*find, to_storage(*range), now);
  if (!outcome) return core_.transport.respond_error(now, token, to_wire(outcome.error()));
  core_.transport.respond(now, token, *outcome);
}

}  // namespace carillon::peer
