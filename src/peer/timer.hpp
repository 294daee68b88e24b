#pragma once

#include <utility>

#include "base/timer_queue.hpp"

namespace carillon::peer {

/// One timer that can be set again, and that ends with its owner.
class Timer {
 public:
  explicit Timer(TimerQueue& queue) : queue_(&queue) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  Timer(Timer&& other) noexcept = delete;

  /// Replaces what was set before.
  void set(MonotonicTime at, TimerQueue::Action action) {
    cancel();
    id_ = queue_->set(at, [this, act = std::move(action)](Now now) mutable {
      id_ = TimerId::none;
      // Moved out: the action may destroy this timer.
      auto run = std::move(act);
      run(now);
    });
  }
  void cancel() { queue_->cancel(id_); }
  [[nodiscard]] bool is_set() const { return id_ != TimerId::none; }

 private:
  TimerQueue* queue_;
  TimerId id_{TimerId::none};
};

}  // namespace carillon::peer
