#include "base/timer_queue.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace carillon {
namespace {

Now at(int ms) {
  return {MonotonicTime{milliseconds{ms}}, WallTime{}};
}

TEST(TimerQueue, RunsInOrderAndOnlyWhatIsDue) {
  TimerQueue timers;
  std::vector<int> ran;
  (void)timers.set(at(20).monotonic, [&](Now) { ran.push_back(20); });
  (void)timers.set(at(10).monotonic, [&](Now) { ran.push_back(10); });
  (void)timers.set(at(30).monotonic, [&](Now) { ran.push_back(30); });
  EXPECT_EQ(timers.next_deadline(), at(10).monotonic);
  timers.run_due(at(20));
  EXPECT_EQ(ran, (std::vector{10, 20}));
  EXPECT_EQ(timers.next_deadline(), at(30).monotonic);
}

TEST(TimerQueue, ATimerMayCancelAnotherThatIsDue) {
  TimerQueue timers;
  bool ran = false;
  TimerId second = TimerId::none;
  (void)timers.set(at(1).monotonic, [&](Now) { timers.cancel(second); });
  second = timers.set(at(1).monotonic, [&](Now) { ran = true; });
  timers.run_due(at(5));
  EXPECT_FALSE(ran);
  EXPECT_EQ(second, TimerId::none);
  EXPECT_EQ(timers.size(), 0U);
}

}  // namespace
}  // namespace carillon
