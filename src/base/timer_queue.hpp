#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/time.hpp"

namespace carillon {

/// A timer that was set. Zero is none.
enum class TimerId : std::uint64_t { none = 0 };

/// The timers of one core: who holds the core asks for the next deadline, and comes back then.
///
/// All components of a peer share one queue. An action may set and cancel timers, its own
/// included. Timers due at the same instant run in the order they were set.
class TimerQueue {
 public:
  using Action = std::move_only_function<void(Now)>;

  [[nodiscard]] TimerId set(MonotonicTime at, Action action);
  /// Cancels; harmless for a timer that has run or was cancelled. Resets `id` to none.
  void cancel(TimerId& id);

  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;
  /// Runs every timer due at `now`, those set meanwhile included if they are due.
  void run_due(Now now);

  [[nodiscard]] std::size_t size() const { return timers_.size(); }

 private:
  using Key = std::pair<MonotonicTime, TimerId>;
  std::map<Key, Action> timers_;
  std::unordered_map<TimerId, MonotonicTime> deadlines_;
  std::uint64_t last_id_{0};
};

}  // namespace carillon
