#include "peer/group_commit.hpp"

#include <gtest/gtest.h>

namespace carillon::peer {
namespace {

struct Commits : testing::Test {
  void run(bool good = true) {
    (void)commit.run([&]() -> Result<void> {
      ++syncs;
      if (good) return {};
      return fail(ErrorCode::io, "disk", "broken");
    });
  }
  GroupCommit::Action noted(std::vector<bool>& results) {
    return [&results](const Result<void>& result) { results.push_back(result.has_value()); };
  }

  GroupCommit commit;
  int syncs{0};
  std::vector<bool> hurried;
  std::vector<bool> patient;
};

TEST_F(Commits, OneSyncServesAll) {
  commit.mark();
  commit.after_sync(noted(hurried));
  commit.after_sync(noted(hurried));
  run();
  EXPECT_EQ(syncs, 1);
  EXPECT_EQ(hurried, (std::vector{true, true}));
  EXPECT_FALSE(commit.is_needed());
}

TEST_F(Commits, NothingWrittenNothingSynced) {
  commit.after_sync(noted(hurried));
  EXPECT_TRUE(commit.is_needed());
  run();
  EXPECT_EQ(syncs, 0);
  EXPECT_EQ(hurried, std::vector{true});
}

TEST_F(Commits, WhatIsInNoHurryWaitsForSomebodyElse) {
  commit.with_next_sync(noted(patient));
  EXPECT_FALSE(commit.is_needed());
  commit.after_sync(noted(hurried));
  run();
  EXPECT_TRUE(patient.empty()) << "there was no sync";
  commit.mark();
  run();
  EXPECT_EQ(patient, std::vector{true});
  commit.mark();
  run();
  EXPECT_EQ(patient.size(), 1U);
}

TEST_F(Commits, AllLearnThatASyncHasFailed) {
  commit.with_next_sync(noted(patient));
  commit.after_sync(noted(hurried));
  commit.mark();
  run(false);
  EXPECT_EQ(patient, std::vector{false});
  EXPECT_EQ(hurried, std::vector{false});
}

}  // namespace
}  // namespace carillon::peer
