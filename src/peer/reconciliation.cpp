#include "peer/reconciliation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "peer/bundle.hpp"
#include "peer/copies.hpp"
#include "peer/core.hpp"

namespace carillon::peer {

using transport::RequestFailure;
using transport::Response;

namespace {

void add_all(security::CertificateBucket& to, const security::CertificateBucket& from) {
  for (const auto& certificate : from.certificates())
    to.add(certificate);
}

}  // namespace

Reconciliation::Reconciliation(PeerCore& core, const NodeId& target,
                               const storage::RingInterval& interval, Done done)
    : core_(core),
      target_(target),
      done_(std::move(done)),
      to_compare_(split(interval, RangeDigester::max_intervals)),
      at_once_(RangeDigester::max_intervals),
      pause_(core.timers) {}

void Reconciliation::start() {
  go_on();
}

void Reconciliation::abandon(Error why) {
  finish(std::unexpected(std::move(why)));
}

void Reconciliation::go_on() {
  if (!done_) return;
  if (may_send()) core_.replication.wake_senders();
  const bool sending = in_flight_ > 0 || !messages_.empty() || !to_send_.empty();
  if (sending || comparing_) return;
  if (to_compare_.empty()) {
    if (refused_ == 0) return finish({});
    return finish(
        fail(ErrorCode::forbidden, "replication",
             fmt::format("{} refused {} of our values: {}", target_.to_hex(), refused_, refusal_)));
  }
  // Depth first, so that what is left to do stays short.
  const std::size_t count = std::min(to_compare_.size(), at_once_);
  std::vector<storage::RingInterval> next(to_compare_.end() - static_cast<std::ptrdiff_t>(count),
                                          to_compare_.end());
  to_compare_.resize(to_compare_.size() - count);
  compare(std::move(next));
}

bool Reconciliation::may_send() const {
  const bool has_some = !messages_.empty() || !to_send_.empty();
  return done_ && has_some && in_flight_ < window() && !pause_.is_set();
}

bool Reconciliation::send_some() {
  if (!may_send()) return false;
  for (std::size_t i = 0; i < messages_per_spell && may_send(); ++i) {
    if (messages_.empty()) {
      load_page();
      break;
    }
    Message message = std::move(messages_.front());
    messages_.pop_front();
    send(std::move(message));
  }
  go_on();
  return true;
}

/// In messages. Who joins has nothing else to do; a member serves phones between two of them.
std::size_t Reconciliation::window() const {
  const std::size_t window = core_.options.transfer_window;
  if (core_.admission.is_admitting(target_)) return core_.options.joining_window;
  if (!bundles_) return window;
  return std::max<std::size_t>(1, window / max_bundled);
}

void Reconciliation::compare(std::vector<storage::RingInterval> intervals) {
  comparing_ = true;
  auto asked = intervals;
  core_.digester.compute(std::move(asked), [weak = weak_from_this(), what = std::move(intervals)](
                                               Result<std::vector<RangeDigest>> ours) {
    const auto self = weak.lock();
    if (!self || !self->done_) return;
    if (!ours) return self->finish(std::unexpected(ours.error()));
    self->ask(what, *ours);
  });
}

void Reconciliation::ask(const std::vector<storage::RingInterval>& intervals,
                         const std::vector<RangeDigest>& ours) {
  auto question = make_question(intervals, ours, core_.options.compared_at_once);
  at_once_ = question.later.empty() ? std::min(2 * at_once_, RangeDigester::max_intervals)
                                    : question.intervals.size();
  to_compare_.insert(to_compare_.end(), question.later.begin(), question.later.end());
  if (question.intervals.empty()) {
    comparing_ = false;
    return go_on();
  }
  const wire::FetchReq request = make_digest_request(question.intervals);
  core_.transport.request(core_.now, {target_}, request,
                          {.on_link_down = transport::OnLinkDown::fail},
                          [weak = weak_from_this(), asked = std::move(question)](
                              Now, std::expected<Response, RequestFailure> outcome) {
                            const auto self = weak.lock();
                            if (self && self->done_)
                              self->handle_digests(asked, std::move(outcome));
                          });
}

void Reconciliation::handle_digests(const DigestQuestion& asked,
                                    std::expected<Response, RequestFailure> outcome) {
  comparing_ = false;
  if (!outcome && !outcome.error().response) {
    return finish(std::unexpected(outcome.error().error));
  }
  std::optional<std::vector<RangeDigest>> theirs;
  if (outcome) {
    Reader reader{outcome->contents.message_body};
    const auto answer = wire::FetchAns::decode(reader, core_.data_models());
    auto digests = reader.failed()
                       ? Result<std::vector<RangeDigest>>(std::unexpected(reader.error()))
                       : read_digest_answer(answer, asked.intervals);
    if (digests) theirs = std::move(*digests);
  }
  for (std::size_t i = 0; i < asked.intervals.size(); ++i) {
    // Whoever does not know the digest Kind gets everything.
    judge(asked.intervals[i], asked.ours[i], theirs ? (*theirs)[i] : RangeDigest{});
  }
  go_on();
}

void Reconciliation::judge(const storage::RingInterval& interval, const RangeDigest& ours,
                           const RangeDigest& theirs) {
  core_.replication.count_comparison(ours != theirs);
  if (ours == theirs) return;
  const auto parts = split(interval, RangeDigester::max_intervals);
  if (theirs.resources == 0 || ours.resources <= worth_comparing || parts.size() == 1) {
    return add_to_send(interval);
  }
  to_compare_.insert(to_compare_.end(), parts.begin(), parts.end());
}

/// One that follows on from the last is one with it: the fewer, the fuller are the bundles.
void Reconciliation::add_to_send(const storage::RingInterval& interval) {
  if (!to_send_.empty() && to_send_.back().upto == interval.after) {
    to_send_.back().upto = interval.upto;
  } else {
    to_send_.push_back(interval);
  }
}

void Reconciliation::load_page() {
  auto page = core_.storage.range(to_send_.back(), cursor_, page_resources, page_octets, core_.now);
  if (!page) return finish(std::unexpected(page.error()));
  const std::size_t first = messages_.size();
  for (auto& resource : page->resources)
    add_messages(std::move(resource), false);
  if (bundles_) bundle(first);
  cursor_ = page->next;
  if (!cursor_) to_send_.pop_back();
}

void Reconciliation::add_messages(storage::StoredResource resource, bool merged) {
  if (resource.content.kind_data.empty()) return;
  const auto certificates = core_.bucket_of(resource.certificates);
  const std::size_t max_body = core_.transport.max_body_size(certificates);
  core_.replication.count_sent(1);
  for (auto& request : split(std::move(resource.content), max_body)) {
    messages_.push_back({std::move(request), certificates, 0, merged});
  }
}

void Reconciliation::bundle(std::size_t first) {
  constexpr std::size_t overhead = 64;  // A dictionary entry without its value.
  std::vector<Message> loose;
  for (; messages_.size() > first; messages_.pop_back())
    loose.push_back(std::move(messages_.back()));
  std::vector<Message> gathered;
  security::CertificateBucket certificates;
  std::size_t octets = 0;
  const auto close = [&] {
    if (gathered.empty()) return;
    messages_.push_back(bundle_of(std::exchange(gathered, {})));
    certificates = {};
    octets = overhead;
  };
  for (; !loose.empty(); loose.pop_back()) {
    auto& message = loose.back();
    const std::size_t size = wire::encode(message.request).size() + overhead;
    auto together = certificates;
    add_all(together, message.certificates);
    if (gathered.size() == max_bundled || octets + size > core_.transport.max_body_size(together)) {
      close();
      together = message.certificates;
    }
    certificates = std::move(together);
    octets += size;
    gathered.push_back(std::move(message));
  }
  close();
}

Reconciliation::Message Reconciliation::bundle_of(std::vector<Message> parts) const {
  if (parts.size() == 1) return std::move(parts.front());
  Message bundle;
  std::vector<wire::StoreReq> requests;
  for (const auto& part : parts) {
    add_all(bundle.certificates, part.certificates);
    requests.push_back(part.request);
  }
  bundle.request = make_bundle(requests);
  bundle.parts = std::move(parts);
  return bundle;
}

void Reconciliation::send(Message message) {
  ++in_flight_;
  const Bytes body = wire::encode(message.request);
  transport::RequestOptions options;
  options.on_link_down = transport::OnLinkDown::fail;
  options.certificates = message.certificates;
  core_.transport.request(core_.now, {target_}, wire::MessageCode::store_req, body,
                          std::move(options),
                          [weak = weak_from_this(), sent = std::move(message)](
                              Now, std::expected<Response, RequestFailure> outcome) mutable {
                            const auto self = weak.lock();
                            if (!self || !self->done_) return;
                            --self->in_flight_;
                            self->handle_store_outcome(std::move(sent), std::move(outcome));
                            self->go_on();
                          });
}

void Reconciliation::handle_store_outcome(Message message,
                                          std::expected<Response, RequestFailure> outcome) {
  if (outcome) return;
  const Error& error = outcome.error().error;
  switch (error.code) {
    case ErrorCode::data_too_old:
    case ErrorCode::generation_counter_too_low:
      if (message.parts.empty() && !message.merged) return take_newer(std::move(message));
      break;
    case ErrorCode::unreachable:
      return finish(std::unexpected(error));
    case ErrorCode::busy:
    case ErrorCode::request_timeout:
    case ErrorCode::config_too_old:
    case ErrorCode::config_too_new:
    case ErrorCode::in_progress:
      return retry(std::move(message), error);
    case ErrorCode::unknown_kind:
      if (!message.parts.empty()) bundles_ = false;
      break;
    default:
      break;
  }
  if (!message.parts.empty()) return unpack(std::move(message));
  ++refused_;
  refusal_ = error.message();
}

void Reconciliation::retry(Message message, const Error& error) {
  if (error.code != ErrorCode::busy && ++message.tries >= max_retries) {
    return finish(std::unexpected(error));
  }
  messages_.push_front(std::move(message));
  pause_.set(core_.now.monotonic + retry_pause, [this](Now) {
    const auto self = shared_from_this();
    go_on();
  });
}

void Reconciliation::unpack(Message bundle) {
  // One of them was refused, and nobody said which: each by itself. What is there already is taken
  // once more.
  for (auto& part : bundle.parts)
    messages_.push_front(std::move(part));
}

void Reconciliation::take_newer(Message message) {
  // What the other side has in a newer form replaces ours (7.4.1.1); then ours, as far as it is
  // newer, goes there once more.
  wire::FetchReq request;
  request.resource = message.request.resource;
  for (const auto& kind : message.request.kind_data) {
    const auto model = core_.overlay().data_model(kind.kind);
    if (model) request.specifiers.push_back(wire::StoredDataSpecifier::all(kind.kind, *model));
  }
  ++in_flight_;
  core_.transport.request(core_.now, {target_}, request,
                          {.on_link_down = transport::OnLinkDown::fail},
                          [weak = weak_from_this(), sent = std::move(message)](
                              Now, std::expected<Response, RequestFailure> outcome) mutable {
                            const auto self = weak.lock();
                            if (!self || !self->done_) return;
                            --self->in_flight_;
                            if (outcome) {
                              self->merge(std::move(sent), *outcome);
                            } else if (outcome.error().response) {
                              ++self->refused_;
                              self->refusal_ = outcome.error().error.message();
                            } else {
                              self->finish(std::unexpected(outcome.error().error));
                            }
                            self->go_on();
                          });
}

void Reconciliation::merge(Message message, const Response& response) {
  if (const auto merged = take_copy(core_, message.request.resource, response); !merged) {
    // Even if our disk is full: there it is, in the newer form.
    ++refused_;
    refusal_ = merged.error().message();
    return;
  }
  auto ours = core_.storage.resource(message.request.resource, core_.now);
  if (!ours) return finish(std::unexpected(ours.error()));
  add_messages(std::move(*ours), true);
}

void Reconciliation::finish(Result<void> result) {
  if (!done_) return;
  pause_.cancel();
  messages_.clear();
  to_send_.clear();
  to_compare_.clear();
  auto done = std::exchange(done_, {});
  done(std::move(result));
}

}  // namespace carillon::peer
