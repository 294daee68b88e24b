#pragma once

#include <optional>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "base/time.hpp"
#include "io/event_loop.hpp"

namespace carillon::io {

/// A core with its sockets, as the loop's turns see it.
class DrivenCore {
 public:
  virtual ~DrivenCore() = default;
  virtual void handle_time(Now now) = 0;
  /// The end of a turn: commits, carries out what the core wants. True if there may be more to do
  /// once the other cores have had their turn's end.
  [[nodiscard]] virtual bool finish_turn() = 0;
  [[nodiscard]] virtual std::optional<MonotonicTime> next_deadline() const = 0;
};

/// Ends the turns of some cores, and wakes the loop for their next deadline with one timer.
class CoreScheduler {
 public:
  /// The cores must outlive the loop's running; they may share a timer queue.
  CoreScheduler(EventLoop& loop, std::vector<DrivenCore*> cores);

 private:
  [[nodiscard]] bool finish_turn();
  void arm();

  std::vector<DrivenCore*> cores_;
  boost::asio::steady_timer timer_;
  std::optional<MonotonicTime> armed_;
};

}  // namespace carillon::io
