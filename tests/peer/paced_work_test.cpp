#include "peer/paced_work.hpp"

#include <gtest/gtest.h>

namespace carillon::peer {
namespace {

constexpr milliseconds shortest{5};

/// A clock that moves when the work says so.
struct Paced : testing::Test {
  /// Until the work has nothing to do: how often it was done.
  int run_all() {
    while (const auto due = timers.next_deadline()) {
      now.monotonic = std::max(now.monotonic, *due);
      timers.run_due(now);
    }
    return spells;
  }

  Now now{MonotonicTime{seconds{1}}, WallTime{}};
  TimerQueue timers;
  int left{0};
  int spells{0};
  milliseconds takes{0};
  PacedWork work{timers, now, shortest, [this] {
                   if (left == 0) return false;
                   --left;
                   ++spells;
                   now.monotonic += takes;
                   return true;
                 }};
};

TEST_F(Paced, BeginsAtOnceAndDoesOneSpell) {
  left = 3;
  work.wake();
  EXPECT_EQ(spells, 1);
  work.wake();
  EXPECT_EQ(spells, 1) << "it rests";
  EXPECT_EQ(run_all(), 3);
}

TEST_F(Paced, RestsSoManyTimesAsLongAsItHasWorked) {
  left = 4;
  takes = milliseconds{20};
  const auto began = now.monotonic;
  work.wake();
  EXPECT_EQ(run_all(), 4);
  EXPECT_GE(now.monotonic - began, 4 * (takes + PacedWork::rest_for_work * takes));
}

TEST_F(Paced, RestsAWhileHoweverLittleItWas) {
  left = 4;
  const auto began = now.monotonic;
  work.wake();
  EXPECT_EQ(run_all(), 4);
  EXPECT_GE(now.monotonic - began, 4 * shortest);
}

TEST_F(Paced, SleepsUntilItIsWokenWhenNothingIsLeft) {
  work.wake();
  EXPECT_FALSE(timers.next_deadline());
  left = 1;
  work.wake();
  EXPECT_EQ(run_all(), 1);
}

TEST_F(Paced, Stops) {
  left = 2;
  work.wake();
  work.stop();
  EXPECT_EQ(run_all(), 1);
}

}  // namespace
}  // namespace carillon::peer
