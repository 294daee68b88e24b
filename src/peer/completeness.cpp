#include "peer/completeness.hpp"

#include <algorithm>
#include <utility>

#include "peer/copies.hpp"
#include "peer/core.hpp"

namespace carillon::peer {

using topology::RingInterval;
using topology::RingPosition;
using transport::RequestFailure;
using transport::Response;

namespace {

RingInterval to_topology(const storage::RingInterval& interval) {
  return {RingPosition{interval.after}, RingPosition{interval.upto}};
}

bool is_within(const RingInterval& inner, const RingInterval& outer) {
  if (outer.is_whole()) return true;
  const auto from = [&](RingPosition place) { return outer.after.distance_to(place); };
  return !inner.is_whole() && outer.contains(inner.upto) && from(inner.after) < from(inner.upto);
}

}  // namespace

Completeness::Completeness(PeerCore& core) : core_(core), doubt_(core.timers) {}

void Completeness::start_alone() {
  complete_ = RingInterval::whole(RingPosition{core_.identity.node_id()});
}

void Completeness::handle_notice(Now now, const storage::RingInterval& interval,
                                 const transport::IncomingRequest& request,
                                 transport::ResponseToken token) {
  // Only from somebody who holds what we hold.
  const auto& topology = core_.topology;
  if (!topology.is_peer(request.signer.node_id) ||
      !topology.is_plausible_replica_store(ResourceId{interval.upto}, request.signer.node_id)) {
    return core_.transport.respond_error(
        now, token, Error{ErrorCode::forbidden, "copied", "the sender does not hold that"});
  }
  core_.transport.respond(now, token, wire::StoreAns{{{range_digest_kind, 1, {}}}});
  // What others say of parts that are not ours settles no doubt about ours.
  const auto returned = returned_.find(request.signer.node_id);
  if (returned != returned_.end() && interval.upto == core_.identity.node_id()) {
    returned->second = to_topology(interval);
    look_for_returned();
  }
  add(to_topology(interval));
}

void Completeness::add(const RingInterval& interval) {
  if (extend_by(interval)) {
    // What came too early may reach up to it now.
    for (std::size_t i = 0; i < early_.size();) {
      if (!extend_by(early_[i])) {
        ++i;
        continue;
      }
      early_.erase(early_.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;
    }
  } else if (early_.size() < max_early) {
    early_.push_back(interval);
  }
  look_again();
}

bool Completeness::extend_by(const RingInterval& interval) {
  const RingPosition self{core_.identity.node_id()};
  const RingPosition end = complete_ ? complete_->after : self;
  const bool reaches = interval.is_whole() || interval.upto == end ||
                       (complete_ && complete_->contains(interval.upto));
  if (!reaches) return false;
  const RingPosition after = interval.is_whole() ? self : interval.after;
  if (!complete_ || !complete_->contains(after)) complete_ = RingInterval{after, self};
  if (after == self) complete_ = RingInterval::whole(self);
  return true;
}

void Completeness::handle_ring_changed() {
  // Of what we do not hold any more we are not told any more.
  const auto held = core_.topology.held_range();
  if (complete_ && held && is_within(*held, *complete_)) complete_ = held;
  if (held && !held->is_whole()) {
    std::erase_if(early_, [&](const RingInterval& one) { return !held->contains(one.upto); });
  }
  look_for_returned();
  look_again();
}

void Completeness::handle_apart(const NodeId& node) {
  if (lost_.size() >= max_lost && !lost_.contains(node)) {
    lost_.erase(std::ranges::min_element(lost_, {}, &decltype(lost_)::value_type::second));
  }
  lost_.insert_or_assign(node, core_.now.monotonic);
  handle_ring_changed();
}

void Completeness::look_for_returned() {
  const auto replicas = core_.topology.replica_set();
  const auto range = core_.topology.range();
  std::erase_if(returned_, [&](const auto& item) {
    const auto& [node, told] = item;
    const bool has_told_all = told && range && is_within(*range, *told);
    return has_told_all || std::ranges::find(replicas, node) == replicas.end();
  });
  for (const NodeId& node : replicas) {
    const auto lost = lost_.find(node);
    if (lost == lost_.end()) continue;
    // Who has joined since then has answered for nothing in the meantime.
    if (*core_.topology.member_since(node) <= lost->second) {
      returned_.insert_or_assign(node, std::nullopt);
    }
    lost_.erase(lost);
  }
}

void Completeness::look_again() {
  const bool complete = is_complete();
  if (complete == was_complete_) return;
  was_complete_ = complete;
  if (complete) {
    doubt_.cancel();
    return core_.replication.handle_complete();
  }
  doubt_.set(core_.now.monotonic + longest_doubt, [this](Now) {
    complete_ = core_.topology.range();
    returned_.clear();
    look_again();
  });
}

bool Completeness::is_complete() const {
  const auto range = core_.topology.range();
  if (!range || core_.topology.successors().empty()) return true;
  return complete_ && is_within(*range, *complete_) && returned_.empty();
}

bool Completeness::covers(const storage::RingInterval& interval) const {
  return complete_ && is_within(to_topology(interval), *complete_);
}

bool Completeness::may_lack(const ResourceId& resource) const {
  const bool is_sure = complete_ && complete_->contains(resource) && returned_.empty();
  return core_.topology.is_responsible(resource) && !is_sure &&
         !core_.topology.successors().empty();
}

void Completeness::take(const ResourceId& resource, Done done) {
  if (taking_.size() >= core_.options.max_calls) {
    return done(fail(ErrorCode::busy, "completeness", "too many wait for our successors"));
  }
  const std::uint64_t id = ++last_id_;
  const auto successors = core_.topology.replica_set();
  taking_.emplace(id, Taking{resource, successors.size(), successors.empty(), std::move(done)});
  for (const NodeId& node : successors)
    ask(id, node);
  if (successors.empty()) finish(id);
}

void Completeness::ask(std::uint64_t id, const NodeId& node) {
  wire::FetchReq request;
  request.resource = taking_.at(id).resource;
  for (const auto& kind : core_.overlay().kinds)
    request.specifiers.push_back(wire::StoredDataSpecifier::all(kind.id, kind.data_model));
  transport::RequestOptions options;
  options.on_link_down = transport::OnLinkDown::fail;
  options.max_sends = 1;
  options.interval = patience;
  core_.transport.request(core_.now, {node}, request, std::move(options),
                          [this, id](Now, std::expected<Response, RequestFailure> outcome) {
                            const auto found = taking_.find(id);
                            if (found == taking_.end()) return;
                            Taking& taking = found->second;
                            if (outcome && take_copy(core_, taking.resource, *outcome)) {
                              taking.answered = true;
                            }
                            if (--taking.asked == 0) finish(id);
                          });
}

void Completeness::finish(std::uint64_t id) {
  Taking taking = std::move(taking_.extract(id).mapped());
  if (taking.answered) return taking.done({});
  taking.done(fail(ErrorCode::in_progress, "completeness", "our copy is not complete yet"));
}

void Completeness::stop() {
  doubt_.cancel();
  taking_.clear();
}

}  // namespace carillon::peer
