#include "sim/clock.hpp"

#include <gtest/gtest.h>

namespace carillon::sim {
namespace {

TEST(HostClock, FindsTheMomentAtWhichItsOwnTimeIsReached) {
  for (const std::int64_t drift : {-300, -1, 0, 1, 50, 300}) {
    const HostClock clock{drift, milliseconds{0}};
    for (std::int64_t ticks = 1'000'000'000; ticks < 400'000'000'000; ticks += 7'654'321'987) {
      const MonotonicTime local{MonotonicClock::duration{ticks}};
      const MonotonicTime truth = clock.truth_of(local);
      EXPECT_GE(clock.read(truth).monotonic, local) << drift;
      EXPECT_LT(clock.read(truth - MonotonicClock::duration{3}).monotonic, local) << drift;
    }
  }
}

TEST(HostClock, DriftsByMicrosecondsInASecond) {
  const HostClock fast{100, milliseconds{0}};
  EXPECT_EQ(fast.read(MonotonicTime{seconds{10}}).monotonic,
            MonotonicTime{MonotonicClock::duration{10'001'000}});
}

TEST(HostClock, OnlyTheWallClockIsSetWrongAndJumps) {
  HostClock clock{0, milliseconds{250}};
  const Now before = clock.read(start_time);
  clock.jump(milliseconds{-1'000});
  const Now after = clock.read(start_time);
  EXPECT_EQ(before.wall - after.wall, milliseconds{1'000});
  EXPECT_EQ(before.monotonic, after.monotonic);
}

}  // namespace
}  // namespace carillon::sim
