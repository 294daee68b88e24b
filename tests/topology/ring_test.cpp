#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "topology/ring_interval.hpp"

namespace carillon::topology {
namespace {

RingPosition any_position() {
  return {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
}

constexpr RingPosition last{~std::uint64_t{0}, ~std::uint64_t{0}};

TEST(RingPosition, CountsRound) {
  EXPECT_TRUE((last + ring_step).is_zero());
  EXPECT_EQ(RingPosition{} - ring_step, last);
  EXPECT_EQ((RingPosition{0, ~std::uint64_t{0}} + ring_step), (RingPosition{1, 0}));
  EXPECT_EQ((RingPosition{1, 0} - ring_step), (RingPosition{0, ~std::uint64_t{0}}));
}

TEST(RingPosition, PowersAndShiftsAgree) {
  for (unsigned exponent = 1; exponent < RingPosition::bits; ++exponent) {
    const auto half = RingPosition::power_of_two(exponent - 1);
    EXPECT_EQ(half + half, RingPosition::power_of_two(exponent));
    EXPECT_EQ(RingPosition::power_of_two(exponent) >> 1, half);
  }
}

TEST(RingPosition, ReadsIdsOfAnyLength) {
  const auto node = NodeId::from_hex("000102030405060708090a0b0c0d0e0f").value();
  EXPECT_EQ(RingPosition{node}, (RingPosition{0x0001020304050607, 0x08090a0b0c0d0e0f}));
  EXPECT_EQ(RingPosition{node}.node_id(), node);
  EXPECT_EQ(RingPosition{ResourceId{node}}, RingPosition{node});
  EXPECT_EQ(RingPosition{ResourceId{Bytes{0x80}}}, RingPosition::power_of_two(127));
  EXPECT_TRUE(RingPosition{ResourceId{}}.is_zero());
}

RC_GTEST_PROP(RingPosition, AdditionAndSubtractionUndoEachOther, ()) {
  const auto a = any_position();
  const auto b = any_position();
  RC_ASSERT(a + b - b == a);
  RC_ASSERT(a + a.distance_to(b) == b);
  RC_ASSERT(RingPosition{a.node_id()} == a);
}

RC_GTEST_PROP(RingPosition, DistancesOfACircleAddUpToNothing, ()) {
  const auto a = any_position();
  const auto b = any_position();
  const auto c = any_position();
  RC_ASSERT((a.distance_to(b) + b.distance_to(c) + c.distance_to(a)).is_zero());
}

RC_GTEST_PROP(RingInterval, ExcludesItsStartAndIncludesItsEnd, ()) {
  const auto after = any_position();
  const auto upto = any_position();
  RC_PRE(after != upto);
  const RingInterval interval{after, upto};
  RC_ASSERT(!interval.contains(after));
  RC_ASSERT(interval.contains(upto));
  RC_ASSERT(interval.contains(after + ring_step));
  RC_ASSERT(!interval.contains(upto + ring_step) || upto + ring_step == after + ring_step);
}

RC_GTEST_PROP(RingInterval, EachPlaceIsInExactlyOneOfTheArcsBetweenPeers, ()) {
  // Not from RapidCheck directly: at small sizes it draws the same few numbers for ever.
  SeededRandom random{*rc::gen::arbitrary<std::uint64_t>()};
  const auto count = *rc::gen::inRange<std::size_t>(2, 12);
  std::vector<RingPosition> peers;
  while (peers.size() < count)
    peers.push_back(RingPosition::random_below_power(RingPosition::bits, random));
  std::ranges::sort(peers);
  const auto chosen = random.below(2 * count);
  const auto place =
      chosen < count ? peers[chosen] : RingPosition::random_below_power(RingPosition::bits, random);
  int holders = 0;
  RingPosition before = peers.back();
  for (const auto& peer : peers) {
    if (RingInterval{before, peer}.contains(place)) ++holders;
    before = peer;
  }
  RC_ASSERT(holders == 1);
}

TEST(RingInterval, AnArcFromAPlaceToItselfIsTheWholeRing) {
  const auto interval = RingInterval::whole(RingPosition{5, 5});
  EXPECT_TRUE(interval.contains(RingPosition{5, 5}));
  EXPECT_TRUE(interval.contains(RingPosition{}));
  EXPECT_EQ(interval.fraction(), 1.0);
}

RC_GTEST_PROP(RingPosition, RandomPlacesStayBelowThePower, (std::uint64_t seed)) {
  SeededRandom random{seed};
  const auto exponent = *rc::gen::inRange(0U, RingPosition::bits);
  RC_ASSERT(RingPosition::random_below_power(exponent, random) <
            RingPosition::power_of_two(exponent));
}

}  // namespace
}  // namespace carillon::topology
