#include "sim/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace carillon::sim {

void EventQueue::push(MonotonicTime at, Event event) {
  const Key key{at, ++last_sequence_, take_slot(std::move(event))};
  const std::uint64_t tick = tick_of(at);
  ++size_;
  if (tick <= tick_) {
    const auto from = present_.begin() + static_cast<std::ptrdiff_t>(next_);
    present_.insert(std::upper_bound(from, present_.end(), key, Earlier{}), key);
    return;
  }
  if (tick - tick_ < wheel_size) {
    wheel_[tick % wheel_size].push_back(key);
    ++in_wheel_;
  } else {
    far_.push_back(key);
    std::ranges::push_heap(far_, Later{});
  }
  if (next_ == present_.size()) go_on();
}

Event EventQueue::pop() {
  const std::uint32_t slot = present_[next_++].slot;
  free_.push_back(slot);
  Event event = std::move(slots_[slot]);
  --size_;
  if (next_ == present_.size() && size_ > 0) go_on();
  return event;
}

std::uint32_t EventQueue::take_slot(Event event) {
  if (free_.empty()) {
    slots_.push_back(std::move(event));
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = std::move(event);
  return slot;
}

/// To the next tick that has events: there is one.
void EventQueue::go_on() {
  present_.clear();
  next_ = 0;
  if (in_wheel_ == 0) tick_ = tick_of(far_.front().at) - 1;
  do {
    ++tick_;
    fill_wheel();
  } while (wheel_[tick_ % wheel_size].empty());
  present_.swap(wheel_[tick_ % wheel_size]);
  in_wheel_ -= present_.size();
  std::ranges::sort(present_, Earlier{});
}

void EventQueue::fill_wheel() {
  while (!far_.empty() && tick_of(far_.front().at) - tick_ < wheel_size) {
    wheel_[tick_of(far_.front().at) % wheel_size].push_back(far_.front());
    ++in_wheel_;
    std::ranges::pop_heap(far_, Later{});
    far_.pop_back();
  }
}

}  // namespace carillon::sim
