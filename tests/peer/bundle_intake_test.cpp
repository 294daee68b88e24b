#include "peer/bundle_intake.hpp"

#include <gtest/gtest.h>

#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

constexpr int users = 120;
constexpr int failures = 6;
constexpr milliseconds pause{40};

/// Five peers, the last of which has been admitted, and still takes in what it is a replica of: a
/// few values at a time.
struct Intake : testing::Test {
  Intake() {
    for (int i = 0; i < 4; ++i)
      network.join(network.add_host());
    store_users(network, users);
    newcomer = &network.add_host();
    newcomer->options.bundle_pause = pause;
    network.start(*newcomer);
    EXPECT_TRUE(network.run_until([&] { return newcomer->has_joined(); }, seconds{30}));
  }

  [[nodiscard]] bool all_have_three_copies() {
    for (int i = 0; i < users; ++i) {
      if (copies(network, newcomer->peer->resource_id(user_name(i))) < 3) return false;
    }
    return true;
  }
  [[nodiscard]] bool newcomer_is_complete() {
    for (int i = 0; i < users; ++i) {
      const auto place = newcomer->peer->resource_id(user_name(i));
      const auto after = network.ring_order(network.responsible_for(place).id());
      const bool is_holder = &network.responsible_for(place) == newcomer || after[0] == newcomer ||
                             after[1] == newcomer;
      if (is_holder && !holds(*newcomer, place)) return false;
    }
    return true;
  }

  Network network;
  Host* newcomer{nullptr};
};

TEST_F(Intake, IsPaced) {
  EXPECT_FALSE(newcomer_is_complete());
  EXPECT_TRUE(network.run_until([&] { return newcomer_is_complete(); }, seconds{30}));
}

/// Half of a bundle was written, and somebody else asked for a sync, which lost it: the sender must
/// not hear that the bundle is stored.
TEST_F(Intake, WhatASyncHasLostIsSentAgain) {
  for (int i = 0; i < failures; ++i) {
    network.run_for(pause + milliseconds{3});
    ASSERT_FALSE(newcomer_is_complete());
    newcomer->disk.fail_next_syncs(1);
    // By way of the newcomer, so that it has something to sync.
    (void)network.store(*newcomer, user_value("extra" + std::to_string(i) + "@example.org", "x"));
  }
  EXPECT_TRUE(network.run_until([&] { return newcomer_is_complete(); }, seconds{60}));
  EXPECT_TRUE(all_have_three_copies());
}

}  // namespace
}  // namespace carillon::peer
