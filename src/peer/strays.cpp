#include "peer/strays.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"

namespace carillon::peer {

using topology::RingPosition;
using transport::RequestFailure;
using transport::Response;

Strays::Strays(PeerCore& core) : core_(core), timer_(core.timers) {}

void Strays::stop() {
  timer_.cancel();
  running_ = false;
  handed_on_ = nullptr;
}

void Strays::hand_on(std::move_only_function<void(bool)> done) {
  handed_on_ = std::move(done);
  failures_ = 0;
  if (running_) return;  // Its end is as good.
  timer_.cancel();
  start_pass();
}

void Strays::handle_ring_changed() {
  if (core_.state != PeerState::joined) return;
  changed_at_ = core_.now.monotonic;
  failures_ = 0;
  again_ = running_;
  if (!running_) start_after(first_offer);
}

void Strays::start_after(milliseconds wait) {
  // Not at once: a ring that has just changed may change back.
  wait = std::min(wait, core_.options.drop_delay);
  timer_.set(core_.now.monotonic + core_.random.jittered(wait), [this](Now) { start_pass(); });
}

bool Strays::may_drop() const {
  return core_.now.monotonic >= changed_at_ + core_.options.drop_delay;
}

void Strays::start_pass() {
  const auto held = core_.topology.held_range();
  if (!core_.is_member()) return;
  all_safe_ = true;
  if (!held || held->is_whole()) return end_handing_on();
  rest_ = {held->upto.node_id(), held->after.node_id()};
  running_ = true;
  again_ = false;
  may_drop_ = may_drop();
  next_offer();
}

void Strays::next_offer() {
  if (!core_.is_member()) return stop();
  auto page = core_.storage.digests(rest_, std::nullopt, max_offered, core_.now);
  if (!page) {
    core_.notice(Severity::error, "looking for strays: " + page.error().message());
    all_safe_ = false;
    return end_pass();
  }
  page_next_ = std::move(page->next);
  if (!page->resources.empty()) return offer(std::move(page->resources));
  confirm({}, end_of_page());  // What has expired, or cannot be read, is nobody's loss.
}

NodeId Strays::end_of_page() const {
  return page_next_ ? (RingPosition{*page_next_} - topology::ring_step).node_id() : rest_.upto;
}

void Strays::offer(std::vector<storage::ResourceDigest> held) {
  const ResourceId first = held.front().resource;
  if (core_.topology.is_responsible(first)) return skip_page();  // The ring has changed.
  core_.transport.request(
      core_.now, {first}, make_stray_offer(held), {.max_sends = 2},
      [this, what = held](Now, std::expected<Response, RequestFailure> outcome) mutable {
        if (running_) handle_answer(std::move(what), std::move(outcome));
      });
}

void Strays::handle_answer(std::vector<storage::ResourceDigest> held,
                           std::expected<Response, RequestFailure> outcome) {
  if (outcome) return confirm(std::move(held), outcome->signer.node_id);
  // Another make of peer answers for it all the same.
  const auto& failure = outcome.error();
  const bool is_foreign = failure.error.code == ErrorCode::unknown_kind && failure.signer;
  if (is_foreign) return confirm(std::move(held), failure.signer->node_id);
  core_.notice(Severity::debug, "offering strays: " + failure.error.message());
  skip_page();
}

void Strays::confirm(std::vector<storage::ResourceDigest> held, const NodeId& upto) {
  // Who is responsible for the first is so for all up to its own place.
  const RingPosition from{rest_.after};
  const RingPosition reach =
      std::min(from.distance_to(RingPosition{upto}), from.distance_to(RingPosition{end_of_page()}));
  if (!held.empty() && from.distance_to(RingPosition{held.front().resource}) > reach) {
    return skip_page();  // It does not stand where it should.
  }
  std::erase_if(held, [&](const storage::ResourceDigest& one) {
    return from.distance_to(RingPosition{one.resource}) > reach;
  });
  const NodeId last = (from + reach).node_id();
  if (may_drop_ && may_drop()) drop(held, {rest_.after, last});
  go_on_after(last);
}

void Strays::drop(const std::vector<storage::ResourceDigest>& safe,
                  const storage::RingInterval& interval) {
  // Something newer may have come meanwhile.
  const auto present = core_.storage.digests(interval, std::nullopt, max_offered, core_.now);
  if (!present || present->resources != safe) {
    all_safe_ = false;
    return;
  }
  const auto dropped = core_.storage.drop(interval, max_offered);
  if (!dropped) {
    core_.notice(Severity::error, "dropping others' data: " + dropped.error().message());
    return;
  }
  if (*dropped == 0) return;
  dropped_ += *dropped;
  core_.commit.mark();
}

void Strays::skip_page() {
  all_safe_ = false;
  go_on_after(end_of_page());
}

void Strays::go_on_after(const NodeId& place) {
  if (place == rest_.upto) return end_pass();
  rest_.after = place;
  timer_.set(core_.now.monotonic + slice_pause, [this](Now) { next_offer(); });
}

void Strays::end_pass() {
  running_ = false;
  if (handed_on_) return end_handing_on();
  if (again_) return start_after(first_offer);
  if (!all_safe_) return start_after(first_offer * (1 << std::min(failures_++, max_doublings)));
  failures_ = 0;
  // Not asked now: then something may have been left that was offered a moment too early.
  if (!may_drop_) start_after(core_.options.drop_delay);
}

void Strays::end_handing_on() {
  if (!handed_on_) return;
  if (!all_safe_ && ++failures_ < passes_of_a_leaver) return start_after(pause_of_a_leaver);
  std::exchange(handed_on_, nullptr)(all_safe_);
}

}  // namespace carillon::peer
