#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/time.hpp"
#include "io/clocks.hpp"
#include "io/event_loop.hpp"

namespace carillon::io {

/// A core with its sockets, as the loop's turns see it.
class DrivenCore {
 public:
  virtual ~DrivenCore() = default;
  virtual void handle_time(Now now) = 0;
  /// The end of a turn: commits, carries out what the core wants. True if it did anything: then
  /// the other cores may have more to do, too.
  [[nodiscard]] virtual bool finish_turn() = 0;
  [[nodiscard]] virtual std::optional<MonotonicTime> next_deadline() const = 0;
};

/// Gives some cores, which call each other, one common time: all learn it before the first input of
/// a turn, whosever it is. Ends their turns, and wakes the loop for their next deadline.
class CoreScheduler {
 public:
  using Clock = std::function<Now()>;
  /// `clock` must run with this machine's monotonic clock, which the loop's timers go by.
  explicit CoreScheduler(EventLoop& loop, Clock clock = read_clocks);
  CoreScheduler(const CoreScheduler&) = delete;
  CoreScheduler& operator=(const CoreScheduler&) = delete;

  /// Told the time before the cores, in this order. Must outlive the loop's running.
  void add_listener(std::function<void(Now)> listener) {
    listeners_.push_back(std::move(listener));
  }
  /// Told the time, and their turns ended, in this order.
  void add_core(DrivenCore& core) { cores_.push_back(&core); }
  /// Not from inside a turn's end.
  void remove_core(DrivenCore& core) { std::erase(cores_, &core); }

  /// To be called before any input to a core, whoever brings it.
  Now begin_input();

 private:
  [[nodiscard]] bool finish_turn();
  void arm();

  Clock clock_;
  std::vector<std::function<void(Now)>> listeners_;
  std::vector<DrivenCore*> cores_;
  boost::asio::steady_timer timer_;
  std::optional<MonotonicTime> armed_;
  std::optional<Now> turn_time_;
};

}  // namespace carillon::io
