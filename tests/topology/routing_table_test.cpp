#include "topology/routing_table.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "topology/ring_interval.hpp"

namespace carillon::topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The node whose first octet is `place` and whose others are zero.
NodeId node(std::uint8_t place) {
  NodeId::Octets octets{};
  octets[0] = place;
  return NodeId{octets};
}

RoutingTable table_of(std::uint8_t self, const std::vector<std::uint8_t>& peers) {
  RoutingTable table{node(self), 3};
  for (const auto peer : peers)
    table.add(node(peer)).is_peer = true;
  return table;
}

TEST(RoutingTable, NeighborsAreTheNearestPeersOnEitherSide) {
  const auto table = table_of(100, {10, 90, 110, 120, 130, 140, 95, 85});
  EXPECT_THAT(table.successors(), ElementsAre(node(110), node(120), node(130)));
  EXPECT_THAT(table.predecessors(), ElementsAre(node(95), node(90), node(85)));
  EXPECT_FALSE(table.is_neighbor(node(140)));
  EXPECT_FALSE(table.knows_whole_ring());
}

TEST(RoutingTable, InASmallRingThePeersAreOnBothSides) {
  const auto table = table_of(100, {50, 200});
  EXPECT_THAT(table.successors(), ElementsAre(node(200), node(50)));
  EXPECT_THAT(table.predecessors(), ElementsAre(node(50), node(200)));
  EXPECT_TRUE(table.knows_whole_ring());
  EXPECT_TRUE(table_of(100, {}).knows_whole_ring());
  EXPECT_TRUE(table_of(0, {1, 2, 3, 4, 5}).knows_whole_ring());
  EXPECT_FALSE(table_of(0, {1, 2, 3, 4, 5, 6, 7}).knows_whole_ring());
}

TEST(RoutingTable, WhoIsOnlyConnectedIsNoNeighborAndNoHop) {
  RoutingTable table{node(100), 3};
  table.add(node(110));
  EXPECT_THAT(table.successors(), IsEmpty());
  EXPECT_EQ(table.next_hop(RingPosition{node(120)}), std::nullopt);
  // But what is addressed to it goes there (6.5.1).
  EXPECT_EQ(table.next_hop(RingPosition{node(110)}), node(110));
}

TEST(RoutingTable, TwoSuccessorsBetweenWhichSomebodyIsToldOfAreNotNextToEachOther) {
  auto table = table_of(0, {10, 20, 90, 150, 200, 220, 240});
  EXPECT_EQ(table.next_hop(RingPosition{node(50)}), node(90));
  table.find(node(20))->told = {node(10), node(40), node(60)};
  EXPECT_EQ(table.next_hop(RingPosition{node(50)}), node(20));
}

TEST(RoutingTable, ADoubtfulPeerIsGoneAroundWhereThereIsAWay) {
  auto table = table_of(0, {10, 20, 30, 60, 100, 180, 220, 230, 240});
  const RingPosition place{node(150)};
  EXPECT_EQ(table.next_hop(place), node(100));
  table.find(node(100))->doubtful = true;
  EXPECT_EQ(table.next_hop(place), node(60));
  // But what is for it still goes there.
  EXPECT_EQ(table.next_hop(RingPosition{node(100)}), node(100));
}

TEST(RoutingTable, WhatADoubtfulNeighborIsResponsibleForGoesToTheOneBehindIt) {
  auto table = table_of(0, {10, 20, 30, 60, 100, 180, 220, 230, 240});
  for (const auto number : {10, 20, 240})
    table.find(node(static_cast<std::uint8_t>(number)))->doubtful = true;
  EXPECT_EQ(table.next_hop(RingPosition{node(5)}), node(30));
  EXPECT_EQ(table.next_hop(RingPosition{node(15)}), node(30));
  // Behind our predecessor there is nobody but us, and we are not responsible as long as it is
  // there.
  EXPECT_EQ(table.next_hop(RingPosition{node(235)}), node(240));
}

TEST(RoutingTable, TheSuccessorGetsWhatIsBetweenItAndUs) {
  const auto table = table_of(100, {110, 120, 130, 200, 250, 20, 80});
  EXPECT_EQ(table.next_hop(RingPosition{node(105)}), node(110));
}

TEST(RoutingTable, BetweenTwoNeighborsTheResponsibleOneIsKnown) {
  const auto table = table_of(100, {110, 120, 130, 180, 70, 80, 90});
  EXPECT_EQ(table.next_hop(RingPosition{node(115)}), node(120));
  EXPECT_EQ(table.next_hop(RingPosition{node(125)}), node(130));
  EXPECT_EQ(table.next_hop(RingPosition{node(85)}), node(90));
  EXPECT_EQ(table.next_hop(RingPosition{node(75)}), node(80));
}

TEST(RoutingTable, FartherAwayTheLargestOnTheWayGetsIt) {
  const auto table = table_of(100, {110, 120, 130, 180, 250, 70, 80, 90});
  EXPECT_EQ(table.next_hop(RingPosition{node(150)}), node(130));
  EXPECT_EQ(table.next_hop(RingPosition{node(200)}), node(180));
  EXPECT_EQ(table.next_hop(RingPosition{node(20)}), node(250));
}

RC_GTEST_PROP(RoutingTable, EachHopComesCloserUntilTheResponsiblePeerHasIt, ()) {
  // A ring in which everybody knows its neighbors and some others.
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  SeededRandom random{seed};
  std::vector<NodeId> nodes;
  const auto count = *rc::gen::inRange<std::size_t>(2, 40);
  while (nodes.size() < count)
    nodes.push_back(RingPosition::random_below_power(128, random).node_id());
  std::ranges::sort(nodes);
  std::vector<RoutingTable> tables;
  for (std::size_t i = 0; i < count; ++i) {
    tables.emplace_back(nodes[i], 3);
    for (std::size_t j = 1; j <= 3; ++j) {
      tables[i].add(nodes[(i + j) % count]).is_peer = true;
      tables[i].add(nodes[(i + count * 3 - j) % count]).is_peer = true;
    }
    for (int fingers = 0; fingers < 4; ++fingers)
      tables[i].add(nodes[random.below(count)]).is_peer = true;
    tables[i].remove(nodes[i]);
  }
  const auto place = RingPosition::random_below_power(128, random);
  auto at = random.below(count);
  const auto is_responsible = [&](std::size_t i) {
    return RingInterval{RingPosition{*tables[i].predecessor()}, RingPosition{nodes[i]}}.contains(
        place);
  };
  for (std::size_t hops = 0; !is_responsible(at); ++hops) {
    RC_ASSERT(hops < count);
    const auto next = tables[at].next_hop(place);
    RC_ASSERT(next.has_value());
    at = static_cast<std::size_t>(std::ranges::find(nodes, *next) - nodes.begin());
  }
}

}  // namespace
}  // namespace carillon::topology
