#include <gtest/gtest.h>

#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

TEST(Leave, OneAfterTheOtherUntilOneIsLeft) {
  auto network = Network::ring(6);
  store_users(*network, 12);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto left = network->leave(network->host(i));
    ASSERT_TRUE(left) << left.error().message();
    EXPECT_EQ(network->host(i).peer->state(), PeerState::left);
    EXPECT_EQ(network->host(i).peer->status().links, 0U);
    EXPECT_TRUE(network->settle()) << network->ring_fault();
    expect_all_found(*network, 12);
  }
  EXPECT_TRUE(network->leave(network->host(5)));
}

TEST(Leave, TwoNeighborsAtTheSameTime) {
  auto network = Network::ring(5);
  store_users(*network, 12);
  const auto order = network->ring_order(NodeId{});
  int left = 0;
  for (const std::size_t i : {1U, 2U}) {
    network->turn(*order[i], [&](Peer& peer) {
      peer.leave([&](const Result<void>& result) { left += result ? 1 : 0; });
    });
  }
  ASSERT_TRUE(network->run_until([&] { return left == 2; }, seconds{60}));
  EXPECT_TRUE(network->settle()) << network->ring_fault();
  expect_all_found(*network, 12);
}

TEST(Leave, TheSuccessorHasEverythingBeforeTheGoodbye) {
  auto network = Network::ring(4);
  store_users(*network, 12);
  // Nothing is lost even if the other two fall over as soon as it is gone.
  const auto order = network->ring_order(NodeId{});
  ASSERT_TRUE(network->leave(*order[0]));
  network->run_for(seconds{5});
  network->kill(*order[2]);
  network->kill(*order[3]);
  expect_all_found(*network, 12);
}

TEST(Leave, ItGoesOnAnsweringUntilItIsGone) {
  auto network = Network::ring(3);
  store_users(*network, 6);
  Host& leaver = network->host(1);
  bool done = false;
  network->turn(leaver, [&](Peer& peer) { peer.leave([&](const Result<void>&) { done = true; }); });
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(text_of(network->lookup(network->host(0), user_name(i), {credential})),
              user_name(i) + ";");
  }
  EXPECT_TRUE(network->run_until([&] { return done; }, seconds{10}));
}

TEST(Leave, ASuccessorThatCannotTakeTheDataIsReported) {
  auto network = Network::ring(2);
  store_users(*network, 6);
  // The other one loses its copy and gets a disk that takes nothing.
  network->host(1).disk.set_capacity(0);
  network->host(0).disk.set_capacity(static_cast<std::size_t>(-1));
  PeerOptions options;
  options.confirmations = 0;
  network->kill(network->host(0));
  network->run_for(seconds{5});
  options.bootstrap = {network->host(1).address};
  network->start(network->host(0), options);
  ASSERT_TRUE(network->run_until([&] { return network->host(0).has_joined(); }, seconds{20}));
  ASSERT_TRUE(network->store(network->host(0), [&] {
    // One whose place is ours.
    for (int i = 100;; ++i) {
      const auto place = network->host(0).peer->resource_id(user_name(i));
      if (&network->responsible_for(place) == &network->host(0)) {
        return user_value(user_name(i), "only here");
      }
    }
  }()));
  const auto left = network->leave(network->host(0), seconds{60});
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::request_timeout);
}

TEST(Leave, IsIdempotent) {
  auto network = Network::ring(2);
  int times = 0;
  network->turn(network->host(1), [&](Peer& peer) {
    peer.leave([&](const Result<void>& result) { times += result ? 1 : 0; });
    peer.leave([&](const Result<void>& result) { times += result ? 1 : 0; });
  });
  EXPECT_TRUE(network->run_until([&] { return times == 2; }, seconds{10}));
  network->turn(network->host(1), [&](Peer& peer) {
    peer.leave([&](const Result<void>& result) { times += result ? 1 : 0; });
  });
  EXPECT_EQ(times, 3);
}

TEST(Leave, WhileJoiningEndsTheJoin) {
  Network network;
  Host& host = network.add_host();
  PeerOptions options;
  options.bootstrap = {{"192.0.2.99", 6084}};
  network.start(host, options);
  EXPECT_TRUE(network.leave(host));
  EXPECT_EQ(host.peer->state(), PeerState::left);
}

}  // namespace
}  // namespace carillon::peer
