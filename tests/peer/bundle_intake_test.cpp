#include "peer/bundle_intake.hpp"

#include <gtest/gtest.h>

#include "peer/bundle.hpp"
#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

/// Five peers, the last of which has been admitted, and still takes in what it is a replica of: a
/// few values at a time.
struct Intake : testing::Test {
  static constexpr int users = 120;
  static constexpr milliseconds pause{40};

  Intake() {
    for (int i = 0; i < 4; ++i)
      network.join(network.add_host());
    store_users(network, users);
    newcomer = &network.add_host();
    newcomer->options.bundle_pause = pause;
    network.start(*newcomer);
    EXPECT_TRUE(network.run_until([&] { return newcomer->has_joined(); }, seconds{30}));
    syncs_when_joined = newcomer->disk.syncs();
  }

  [[nodiscard]] int held() {
    int count = 0;
    for (int i = 0; i < users; ++i)
      count += holds(*newcomer, newcomer->peer->resource_id(user_name(i))) ? 1 : 0;
    return count;
  }
  [[nodiscard]] bool no_transfer_runs() {
    return std::ranges::all_of(network.joined(), [](Host* host) {
      const auto status = host->peer->status().replication;
      return status.transfers_running == 0 && status.transfers_waiting == 0;
    });
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
  unsigned syncs_when_joined{0};
};

/// It has come with what it answers for, in several bundles.
TEST_F(Intake, WhoIsJoiningSyncsSeldom) {
  EXPECT_GT(held(), 2 * static_cast<int>(max_bundled));
  EXPECT_LE(syncs_when_joined, 2U);
}

TEST_F(Intake, IsPaced) {
  EXPECT_FALSE(newcomer_is_complete());
  EXPECT_TRUE(network.run_until([&] { return newcomer_is_complete(); }, seconds{60}));
}

/// Half of a bundle was written, and somebody else asked for a sync, which lost it: the sender must
/// not hear that the bundle is stored.
TEST_F(Intake, WhatASyncHasLostIsSentAgain) {
  const int at_first = held();
  ASSERT_TRUE(network.run_until([&] { return held() > at_first; }, seconds{1}));
  ASSERT_FALSE(newcomer_is_complete());
  newcomer->disk.fail_next_syncs(1);
  // One that the newcomer itself answers for, so that it has something to sync.
  int own = 0;
  while (&network.responsible_for(newcomer->peer->resource_id(user_name(own))) != newcomer)
    ++own;
  network.turn(*newcomer, [&](Peer& peer) {
    peer.store(user_value(user_name(own), "new"), [](const Result<StoreReport>&) {});
  });
  ASSERT_TRUE(network.run_until([&] { return no_transfer_runs(); }, seconds{60}));
  EXPECT_TRUE(newcomer_is_complete());
}

}  // namespace
}  // namespace carillon::peer
