#include "peer/call.hpp"

#include <algorithm>
#include <utility>

#include "peer/core.hpp"

namespace carillon::peer {

bool is_transient(ErrorCode code) {
  switch (code) {
    case ErrorCode::unreachable:
    case ErrorCode::request_timeout:
    case ErrorCode::busy:
    case ErrorCode::not_found:  // Says a peer that is not responsible (any more).
    case ErrorCode::not_joined:
    case ErrorCode::in_progress:
    case ErrorCode::ttl_exceeded:
    case ErrorCode::config_too_old:
    case ErrorCode::config_too_new:
      return true;
    default:
      return false;
  }
}

Call::Call(PeerCore& core, CallId id)
    : core_(core), id_(id), deadline_(core.timers), next_try_(core.timers) {}

void Call::start() {
  start_step();
}

void Call::start_step() {
  ++step_;
  outstanding_ = 0;
  failures_ = 0;
  hedges_ = 0;
  last_error_.reset();
  deadline_.set(core_.now.monotonic + core_.options.call_deadline, [this](Now) {
    end_with(last_error_.value_or(
        Error{ErrorCode::request_timeout, "overlay", "no answer within the deadline"}));
  });
  try_now();
}

void Call::try_now() {
  set_hedge();
  attempt();
}

void Call::set_hedge() {
  // A peer that died on the way cannot tell: after a while, ask beside the first request.
  if (hedges_ >= max_hedges) return;
  next_try_.set(core_.now.monotonic + core_.options.hedge_after, [this](Now) {
    ++hedges_;
    ++core_.calls.counters().hedged;
    try_now();
  });
}

void Call::send(const ResourceId& resource, wire::MessageCode code, Bytes body,
                transport::RequestOptions options) {
  ++outstanding_;
  core_.transport.request(
      core_.now, {resource}, code, std::move(body), std::move(options),
      [&core = core_, id = id_, step = step_](Now, Outcome outcome) {
        Call* call = core.calls.find(id);
        if (call == nullptr || call->finished_ || call->step_ != step) return;
        --call->outstanding_;
        if (outcome) {
          call->handle_response(*outcome);
          return;
        }
        if (outcome.error().error.code == ErrorCode::unknown_kind && outcome.error().signer) {
          core.config_updates.handle_unknown_kind(outcome.error().signer->node_id);
        }
        call->fail(outcome.error().error);
      });
}

void Call::fail(const Error& error) {
  if (finished_) return;
  if (!is_transient(error.code)) return end_with(error);
  last_error_ = error;
  if (outstanding_ > 0) return;
  ++core_.calls.counters().retried;
  const milliseconds pause =
      std::min(first_retry * (1 << std::min(failures_++, 8U)), longest_retry);
  next_try_.set(core_.now.monotonic + pause, [this](Now) { try_now(); });
}

void Call::end_with(const Error& error) {
  if (finished_) return;
  ++core_.calls.counters().failed;
  give_up(error);
  finish();
}

void Call::finish() {
  finished_ = true;
  deadline_.cancel();
  next_try_.cancel();
  core_.calls.remove(id_);
}

}  // namespace carillon::peer
