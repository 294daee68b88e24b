#include "topology/attempts.hpp"

#include <gtest/gtest.h>

#include "topology/ring_position.hpp"

namespace carillon::topology {
namespace {

NodeId numbered(std::uint64_t number) {
  return RingPosition{number, 0}.node_id();
}
constexpr MonotonicTime start{seconds{10}};

TEST(Attempts, EachFailurePausesTwiceAsLong) {
  Attempts attempts;
  auto now = start;
  auto pause = Attempts::first_pause;
  for (int i = 0; i < 8; ++i) {
    attempts.started(numbered(1), now);
    EXPECT_TRUE(attempts.is_under_way(numbered(1), now));
    attempts.failed(numbered(1), now);
    EXPECT_FALSE(attempts.may_start(numbered(1), now + pause - milliseconds{1}));
    EXPECT_TRUE(attempts.may_start(numbered(1), now + pause));
    now += pause;
    pause = std::min(pause * 2, Attempts::longest_pause);
  }
}

TEST(Attempts, AnAttemptThatNeverEndsCountsAsFailed) {
  Attempts attempts;
  attempts.started(numbered(1), start);
  EXPECT_FALSE(attempts.may_start(numbered(1), start));
  EXPECT_FALSE(attempts.any_under_way(start + Attempts::give_up_after));
  EXPECT_TRUE(attempts.may_start(numbered(1), start + Attempts::give_up_after));
}

TEST(Attempts, RemembersABoundedNumberOfNodes) {
  Attempts attempts;
  for (std::uint64_t i = 0; i < 10 * Attempts::max_nodes; ++i)
    attempts.pause(numbered(i), start + milliseconds{i});
  std::size_t paused = 0;
  for (std::uint64_t i = 0; i < 10 * Attempts::max_nodes; ++i)
    paused += attempts.may_start(numbered(i), start) ? 0 : 1;
  EXPECT_LE(paused, Attempts::max_nodes);
}

}  // namespace
}  // namespace carillon::topology
