#pragma once

#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "io/event_loop.hpp"

namespace carillon::io {

/// Tells, twice a second, how much of a processor this process has used since it last told: 1 is
/// all that its one thread can have.
class LoadMeter {
 public:
  using Handler = std::function<void(double load)>;

  LoadMeter(EventLoop& loop, Handler handler);
  LoadMeter(const LoadMeter&) = delete;
  LoadMeter& operator=(const LoadMeter&) = delete;

 private:
  void wait();
  void measure();

  Handler handler_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point wall_{};
  std::chrono::nanoseconds used_{};
  /// A handler that was queued before we ended finds it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::io
