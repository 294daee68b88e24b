#pragma once

#include <chrono>
#include <cstdint>

namespace carillon {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Runs evenly, means nothing to anyone else: for timers. It cannot be read, only handed in.
struct MonotonicClock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using MonotonicTime = MonotonicClock::time_point;

/// Time since the Unix epoch: for storage_time, lifetimes and certificates. It may jump.
struct WallClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

/// The two clocks, read together. Every input of the core brings one.
struct Now {
  MonotonicTime monotonic{};
  WallTime wall{};
};

/// Milliseconds since the epoch, as RELOAD writes times (RFC 6940, 7).
[[nodiscard]] inline std::uint64_t to_milliseconds(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}
[[nodiscard]] inline WallTime wall_time(std::uint64_t milliseconds_since_epoch) {
  return WallTime{milliseconds{static_cast<std::int64_t>(milliseconds_since_epoch)}};
}

}  // namespace carillon
