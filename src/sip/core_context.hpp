#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ratio>
#include <string>
#include <utility>

#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/timer_queue.hpp"
#include "sip/gruu.hpp"
#include "sip/guard.hpp"
#include "sip/hop.hpp"
#include "sip/keyed_hash.hpp"
#include "sip/sip_counters.hpp"
#include "sip/sip_options.hpp"

namespace carillon::sip {

/// What all parts of one core share.
struct CoreContext {
  CoreContext(SipOptions options_in, TimerQueue& timers_in, Random& random_in,
              NoticeSink notices_in)
      : options(std::move(options_in)),
        timers(timers_in),
        random(random_in),
        notices(std::move(notices_in)),
        hash(random_in),
        guard(options, hash, counters),
        gruus(options.overlay_secret, random_in) {}

  SipOptions options;
  TimerQueue& timers;
  Random& random;
  NoticeSink notices;
  KeyedHash hash;
  Now now{};
  SipCounters counters{};
  Guard guard;
  Gruus gruus;
  /// An AOR's bindings at this peer have changed. Called in the middle of things.
  std::move_only_function<void(std::string_view)> bindings_changed{};
  /// Handlers that outlive the core find this expired, and do nothing.
  std::shared_ptr<const bool> alive{std::make_shared<const bool>(true)};

  /// Whoever sent it vouches for the user whom it is from.
  [[nodiscard]] bool trusts(const Source& source) const {
    return !options.trusted.empty() && options.trusted.contains(source.hop.remote.host);
  }
  void notice(Severity severity, std::string text) const {
    if (notices) notices(Notice{severity, std::move(text)});
  }
};

/// A timer of the shared queue that is cancelled when its owner goes.
class ScopedTimer {
 public:
  explicit ScopedTimer(CoreContext& context) : context_(context) {}
  ~ScopedTimer() { cancel(); }
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

  /// Replaces an earlier setting. `action` may destroy the timer's owner.
  template <typename Action>
  void set(MonotonicClock::duration after, Action action) {
    set_at(context_.now.monotonic + after, std::move(action));
  }
  /// The same, up to 64 ms later, along with others: what only has to end one day shall not wake
  /// the process up by itself each time.
  template <typename Action>
  void set_loosely(MonotonicClock::duration after, Action action) {
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<64, 1000>>;
    const auto at = context_.now.monotonic + after;
    set_at(MonotonicTime{std::chrono::ceil<Ticks>(at.time_since_epoch())}, std::move(action));
  }
  void cancel() {
    if (id_ != TimerId::none) context_.timers.cancel(id_);
  }
  [[nodiscard]] bool is_set() const { return id_ != TimerId::none; }

 private:
  template <typename Action>
  void set_at(MonotonicTime at, Action action) {
    cancel();
    id_ = context_.timers.set(at, [this, action = std::move(action)](Now now) mutable {
      id_ = TimerId::none;
      context_.now = now;
      action();
    });
  }

  CoreContext& context_;
  TimerId id_{TimerId::none};
};

}  // namespace carillon::sip
