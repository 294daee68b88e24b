#include <gtest/gtest.h>

#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

TEST(Partition, TwoHalvesGrowTogetherAgainWithTheirData) {
  auto network = Network::ring(8);
  ASSERT_TRUE(network->store(network->host(0), user_value("before@example.org", "before")));
  network->partition({0, 1, 2, 3});
  network->run_for(seconds{20});
  EXPECT_NE(network->ring_fault(), "");
  // Each half goes on, with what it has.
  ASSERT_TRUE(network->store(network->host(0), user_value("left@example.org", "left")));
  ASSERT_TRUE(network->store(network->host(7), user_value("right@example.org", "right")));
  ASSERT_TRUE(network->store(network->host(1), user_value("both@example.org", "older")));
  network->run_for(seconds{1});
  ASSERT_TRUE(network->store(network->host(6), user_value("both@example.org", "newer")));
  network->heal();
  ASSERT_TRUE(network->settle(seconds{180})) << network->ring_fault();
  network->run_for(seconds{10});
  for (auto& host : network->hosts()) {
    EXPECT_EQ(text_of(network->lookup(*host, "before@example.org", {credential})), "before;");
    EXPECT_EQ(text_of(network->lookup(*host, "left@example.org", {credential})), "left;");
    EXPECT_EQ(text_of(network->lookup(*host, "right@example.org", {credential})), "right;");
    EXPECT_EQ(text_of(network->lookup(*host, "both@example.org", {credential})), "newer;");
  }
}

TEST(Partition, EveryoneAloneForAWhile) {
  auto network = Network::ring(3);
  ASSERT_TRUE(network->store(network->host(0), user_value("before@example.org", "before")));
  network->host(0).cut_off = {1, 2};
  network->host(1).cut_off = {0, 2};
  network->host(2).cut_off = {0, 1};
  network->run_for(seconds{10});
  for (auto& host : network->hosts()) {
    EXPECT_EQ(host->peer->status().range_fraction, 1.0);
    ASSERT_TRUE(network->store(
        *host, user_value("user" + std::to_string(host->index) + "@example.org", "alone")));
  }
  network->heal();
  ASSERT_TRUE(network->settle(seconds{60})) << network->ring_fault();
  network->run_for(seconds{10});
  for (auto& host : network->hosts()) {
    for (const char* user : {"user0@example.org", "user1@example.org", "user2@example.org"})
      EXPECT_EQ(text_of(network->lookup(*host, user, {credential})), "alone;") << user;
  }
}

}  // namespace
}  // namespace carillon::peer
