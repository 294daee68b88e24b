#include "sim/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace carillon::sim {

void EventQueue::push(MonotonicTime at, Event event) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(event));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(event);
  }
  heap_.push_back({at, ++last_sequence_, slot});
  std::ranges::push_heap(heap_, Later{});
}

Event EventQueue::pop() {
  std::ranges::pop_heap(heap_, Later{});
  const std::uint32_t slot = heap_.back().slot;
  heap_.pop_back();
  free_.push_back(slot);
  return std::move(slots_[slot]);
}

}  // namespace carillon::sim
