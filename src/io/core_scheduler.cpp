#include <algorithm>
#include <chrono>

#include "io/clocks.hpp"
#include "io/driven_core.hpp"

namespace carillon::io {

CoreScheduler::CoreScheduler(EventLoop& loop, std::vector<DrivenCore*> cores)
    : cores_(std::move(cores)), timer_(loop.context()) {
  loop.add_hook([this] { return finish_turn(); });
}

bool CoreScheduler::finish_turn() {
  bool again = false;
  const Now now = read_clocks();
  for (auto* core : cores_) {
    const auto deadline = core->next_deadline();
    if (deadline && *deadline <= now.monotonic) core->handle_time(now);
    again = core->finish_turn() || again;
  }
  arm();
  return again;
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
