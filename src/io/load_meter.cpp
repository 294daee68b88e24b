#include "io/load_meter.hpp"

#include <ctime>
#include <utility>

namespace carillon::io {
namespace {

constexpr std::chrono::milliseconds load_interval{500};

std::chrono::nanoseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace

LoadMeter::LoadMeter(EventLoop& loop, Handler handler)
    : handler_(std::move(handler)),
      timer_(loop.context()),
      wall_(std::chrono::steady_clock::now()),
      used_(processor_time()) {
  wait();
}

void LoadMeter::wait() {
  timer_.expires_after(load_interval);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
    if (error || alive.expired()) return;
    measure();
    wait();
  });
}

void LoadMeter::measure() {
  const auto wall = std::chrono::steady_clock::now();
  const auto used = processor_time();
  const std::chrono::duration<double> passed = wall - wall_;
  const std::chrono::duration<double> worked = used - used_;
  wall_ = wall;
  used_ = used;
  if (passed.count() > 0) handler_(worked / passed);
}

}  // namespace carillon::io
