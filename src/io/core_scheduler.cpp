#include <chrono>

#include "io/driven_core.hpp"

namespace carillon::io {

CoreScheduler::CoreScheduler(EventLoop& loop, Clock clock)
    : clock_(std::move(clock)), timer_(loop.context()) {
  loop.add_hook([this] {
    const bool worked = finish_turn();
    turn_time_.reset();
    return worked;
  });
}

Now CoreScheduler::begin_input() {
  if (turn_time_) return *turn_time_;
  turn_time_ = clock_();
  for (auto& listener : listeners_)
    listener(*turn_time_);
  for (auto* core : cores_)
    core->handle_time(*turn_time_);
  return *turn_time_;
}

bool CoreScheduler::finish_turn() {
  begin_input();  // Deadlines that have passed count as input.
  bool worked = false;
  for (auto* core : cores_)
    worked = core->finish_turn() || worked;
  if (!worked) arm();
  return worked;
}

void CoreScheduler::arm() {
  std::optional<MonotonicTime> earliest;
  for (const auto* core : cores_) {
    const auto deadline = core->next_deadline();
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  }
  // Waking too early costs less than moving the timer whenever a deadline moves away.
  if (!earliest || (armed_ && *armed_ <= *earliest)) return;
  armed_ = earliest;
  timer_.expires_at(std::chrono::steady_clock::time_point{earliest->time_since_epoch()});
  timer_.async_wait([this](const auto& error) {
    if (!error) armed_.reset();  // The turn that this handler is in does the rest.
  });
}

}  // namespace carillon::io
