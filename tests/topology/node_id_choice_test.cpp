#include "topology/node_id_choice.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "topology/ring_position.hpp"

namespace carillon::topology {
namespace {

void insert(std::vector<NodeId>& ids, const NodeId& id) {
  ids.insert(std::ranges::lower_bound(ids, id), id);
}

/// The largest part of the ring that one of them answers for, over the mean.
double max_share_over_mean(const std::vector<NodeId>& ids) {
  double largest = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const RingPosition before{i == 0 ? ids.back() : ids[i - 1]};
    largest = std::max(largest, before.distance_to(RingPosition{ids[i]}).fraction());
  }
  return largest * static_cast<double>(ids.size());
}

TEST(NodeIdChoice, SharesStaySimilarWhileAnOverlayGrows) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SeededRandom random{seed};
    std::vector<NodeId> ids;
    for (std::size_t count = 1; count <= 64; ++count) {
      insert(ids, choose_node_id(ids, random));
      if (count >= 3) {
        EXPECT_LE(max_share_over_mean(ids), 1.6) << count << " peers, seed " << seed;
      }
      if (count == 16) {
        EXPECT_LE(max_share_over_mean(ids), 1.5) << "seed " << seed;
      }
    }
  }
}

TEST(NodeIdChoice, WhoComesForOneThatHasGoneFillsItsGap) {
  for (const std::size_t count : {3U, 6U, 12U, 16U, 24U, 48U, 64U}) {
    SeededRandom random{count};
    std::vector<NodeId> ids;
    while (ids.size() < count)
      insert(ids, choose_node_id(ids, random));
    for (int change = 0; change < 60; ++change) {
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(random.below(ids.size())));
      insert(ids, choose_node_id(ids, random));
      EXPECT_LE(max_share_over_mean(ids), 2.0) << count << " peers, change " << change;
    }
  }
}

TEST(NodeIdChoice, SharesStaySimilarWhereAnOverlayGrowsAndShrinks) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SeededRandom random{seed};
    std::vector<NodeId> ids;
    bool grows = true;
    for (int change = 0; change < 400; ++change) {
      if (ids.size() <= 3) grows = true;
      if (ids.size() >= 64) grows = false;
      const bool joins = ids.size() < 3 || (random.below(4) == 0) != grows;
      if (joins) {
        insert(ids, choose_node_id(ids, random));
      } else {
        std::erase(ids, choose_leaver(ids));
      }
      if (ids.size() < 3) continue;
      EXPECT_LE(max_share_over_mean(ids), 2.0)
          << ids.size() << " peers after change " << change << ", seed " << seed;
    }
  }
}

TEST(NodeIdChoice, WhoLeavesNeverMakesAShareThatIsTwiceTheMean) {
  // Even on a ring that nobody has kept even.
  SeededRandom random{7};
  for (std::size_t count = 4; count <= 64; ++count) {
    std::vector<NodeId> ids;
    while (ids.size() < count)
      insert(ids, RingPosition::random_below_power(RingPosition::bits, random).node_id());
    const double before = max_share_over_mean(ids);
    std::erase(ids, choose_leaver(ids));
    EXPECT_LE(max_share_over_mean(ids), std::max(before, 2.0)) << count;
  }
}

TEST(NodeIdChoice, IsAnotherOneEachTime) {
  SeededRandom random{1};
  EXPECT_NE(choose_node_id({}, random), choose_node_id({}, random));
}

}  // namespace
}  // namespace carillon::topology
