#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace carillon::sim {

/// When every simulation starts; not zero, which looks like "never".
inline constexpr MonotonicTime start_time{seconds{1'000}};

[[nodiscard]] inline double seconds_since_start(MonotonicTime at) {
  return std::chrono::duration<double>(at - start_time).count();
}

/// A host's two clocks. The monotonic one drifts; the wall clock drifts with it, is set wrong, and
/// may jump.
class HostClock {
 public:
  /// `drift`: microseconds too fast in a second.
  HostClock(std::int64_t drift, milliseconds skew) : drift_(drift), skew_(skew) {}

  [[nodiscard]] Now read(MonotonicTime truth) const {
    const auto local = local_time(truth);
    return {local, epoch + skew_ + std::chrono::floor<milliseconds>(local.time_since_epoch())};
  }
  /// The first moment at which the host's monotonic clock shows `local` or more.
  [[nodiscard]] MonotonicTime truth_of(MonotonicTime local) const {
    const double rate = 1.0 + static_cast<double>(drift_) / million;
    const double ticks = static_cast<double>(local.time_since_epoch().count()) / rate;
    auto at = MonotonicTime{MonotonicClock::duration{static_cast<std::int64_t>(ticks) - 1}};
    while (local_time(at) < local)
      at += MonotonicClock::duration{1};
    return at;
  }
  void jump(milliseconds by) { skew_ += by; }

  /// What the wall clocks show when the simulation starts: 2027-01-15.
  static constexpr WallTime epoch{milliseconds{1'800'000'000'000}};

 private:
  static constexpr std::int64_t million = 1'000'000;

  [[nodiscard]] MonotonicTime local_time(MonotonicTime truth) const {
    const std::int64_t ticks = truth.time_since_epoch().count();
    return MonotonicTime{MonotonicClock::duration{ticks + ticks / million * drift_ +
                                                  ticks % million * drift_ / million}};
  }

  std::int64_t drift_;
  milliseconds skew_;
};

}  // namespace carillon::sim
