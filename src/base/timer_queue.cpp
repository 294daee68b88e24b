#include "base/timer_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/prefetch.hpp"

namespace carillon {

TimerId TimerQueue::set(MonotonicTime at, Action action) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  slots_[slot] = {std::move(action), ++last_sequence_};
  heap_.push_back({at, last_sequence_, slot});
  std::ranges::push_heap(heap_, Later{});
  return TimerId{(last_sequence_ << slot_bits) | (slot + 1)};
}

void TimerQueue::cancel(TimerId& id) {
  const auto number = static_cast<std::uint64_t>(std::exchange(id, TimerId::none));
  if (number == 0) return;
  const auto slot = static_cast<std::uint32_t>(number & ((1U << slot_bits) - 1)) - 1;
  if (slots_[slot].sequence != number >> slot_bits) return;
  (void)release(slot);
  drop_dead();
}

TimerQueue::Action TimerQueue::release(std::uint32_t slot) {
  slots_[slot].sequence = 0;
  free_.push_back(slot);
  return std::exchange(slots_[slot].action, {});
}

void TimerQueue::drop_dead() {
  constexpr std::size_t few = 32;
  if (heap_.size() > 2 * size() + few) {
    std::erase_if(heap_, [this](const Deadline& deadline) { return !is_live(deadline); });
    std::ranges::make_heap(heap_, Later{});
  }
  while (!heap_.empty() && !is_live(heap_.front())) {
    std::ranges::pop_heap(heap_, Later{});
    heap_.pop_back();
  }
}

void TimerQueue::reserve(std::size_t timers) {
  slots_.reserve(timers);
  free_.reserve(timers);
  heap_.reserve(timers);
}

void TimerQueue::prefetch() const {
  constexpr std::size_t first_levels = 256;
  carillon::prefetch(heap_.data(), first_levels);
  if (!heap_.empty()) carillon::prefetch(&heap_.back(), sizeof(Deadline));
}

std::optional<MonotonicTime> TimerQueue::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().at;
}

void TimerQueue::run_due(Now now) {
  while (!heap_.empty() && heap_.front().at <= now.monotonic) {
    const std::uint32_t slot = heap_.front().slot;
    std::ranges::pop_heap(heap_, Later{});
    heap_.pop_back();
    Action action = release(slot);
    drop_dead();
    action(now);
  }
}

}  // namespace carillon
