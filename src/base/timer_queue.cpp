#include "base/timer_queue.hpp"

#include <utility>

namespace carillon {

TimerId TimerQueue::set(MonotonicTime at, Action action) {
  const TimerId id{++last_id_};
  timers_.emplace(Key{at, id}, std::move(action));
  deadlines_.emplace(id, at);
  return id;
}

void TimerQueue::cancel(TimerId& id) {
  const auto found = deadlines_.find(id);
  if (found != deadlines_.end()) {
    timers_.erase(Key{found->second, id});
    deadlines_.erase(found);
  }
  id = TimerId::none;
}

std::optional<MonotonicTime> TimerQueue::next_deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

void TimerQueue::run_due(Now now) {
  while (!timers_.empty() && timers_.begin()->first.first <= now.monotonic) {
    auto node = timers_.extract(timers_.begin());
    deadlines_.erase(node.key().second);
    node.mapped()(now);
  }
}

}  // namespace carillon
