#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

TEST(Failure, AfterTheCrashOfAnyPeerEveryValueIsFound) {
  for (std::size_t victim = 0; victim < 5; ++victim) {
    auto network = Network::ring(5);
    store_users(*network, 8);
    network->kill(network->host(victim));
    expect_all_found(*network, 8);
  }
}

TEST(Failure, ALookupOutlivesTheResponsiblePeer) {
  auto network = Network::ring(3);
  store_users(*network, 1);
  Host& victim = network->responsible_for(network->host(0).peer->resource_id(user_name(0)));
  Host& other = network->host((victim.index + 1) % 3);
  std::optional<Result<LookupReport>> report;
  network->turn(other, [&](Peer& peer) {
    peer.lookup({user_name(0), {credential}},
                [&](Result<LookupReport> done) { report = std::move(done); });
  });
  const auto start = network->now().monotonic;
  network->kill(victim);
  ASSERT_TRUE(network->run_until([&] { return report.has_value(); }, seconds{30}));
  ASSERT_TRUE(*report) << report->error().message();
  EXPECT_EQ((*report)->values.size(), 1U);
  EXPECT_LT(network->now().monotonic - start, milliseconds{1'000});
}

TEST(Failure, OfASilentPeerItIsKnownWithinSeconds) {
  auto network = Network::ring(4);
  store_users(*network, 4);
  for (int i = 0; i < 4; ++i) {
    Host& victim = network->responsible_for(network->joined()[0]->peer->resource_id(user_name(i)));
    if (network->joined().size() == 2) break;
    network->silence(victim);
    const auto start = network->now().monotonic;
    EXPECT_EQ(text_of(network->lookup(*network->joined()[0], user_name(i), {credential})),
              user_name(i) + ";");
    EXPECT_LT(network->now().monotonic - start, milliseconds{4'500});
    network->run_for(seconds{5});
  }
}

TEST(Failure, OfASilentPeerEveryQuestionIsAnsweredAsSoonAsItIsKnown) {
  int held_up = 0;
  for (std::size_t number = 0; number < 8; ++number) {
    auto network = Network::ring(8, 1 + number);
    store_users(*network, 16);
    network->run_for(seconds{2});
    network->silence(*network->ring_order(NodeId{})[number]);
    const auto start = network->now().monotonic;
    MonotonicTime last_held_up = start;
    int asked = 0;
    int answered = 0;
    for (int tick = 0; tick < 60; ++tick) {
      for (Host* host : network->joined()) {
        const auto name = user_name(asked++ % 16);
        network->turn(*host, [&, began = network->now().monotonic](Peer& peer) {
          peer.lookup({name, {credential}}, [&, began](Result<LookupReport> done) {
            ASSERT_TRUE(done) << done.error().message();
            EXPECT_EQ(done->values.size(), 1U);
            ++answered;
            const auto now = network->now().monotonic;
            if (now - began > milliseconds{250}) last_held_up = now;
          });
        });
      }
      network->run_for(milliseconds{100});
    }
    ASSERT_TRUE(network->run_until([&] { return answered == asked; }, seconds{15}));
    EXPECT_EQ(asked, 60 * 7);
    // Its neighbors know within three seconds, tell the others, and have kept what they sent there.
    EXPECT_LT(last_held_up - start, milliseconds{3'300}) << number;
    held_up += last_held_up != start;
  }
  EXPECT_GT(held_up, 4) << "most have been asked for something";
}

TEST(Failure, TheNumberOfCopiesIsMadeGood) {
  auto network = Network::ring(7);
  store_users(*network, 10);
  for (int round = 0; round < 4; ++round) {
    Host& victim = network->responsible_for(network->joined()[0]->peer->resource_id(user_name(0)));
    network->kill(victim);
    network->run_for(seconds{5});
    ASSERT_EQ(network->ring_fault(), "");
    for (int i = 0; i < 10; ++i) {
      EXPECT_GE(copies(*network, network->joined()[0]->peer->resource_id(user_name(i))),
                std::min(3, static_cast<int>(network->joined().size())))
          << user_name(i) << ", round " << round;
    }
    expect_all_found(*network, 10);
  }
}

TEST(Failure, TwoNeighborsAtOnceTakeNothingWithThem) {
  auto network = Network::ring(6);
  store_users(*network, 10);
  const auto order = network->ring_order(NodeId{});
  network->kill(*order[2]);
  network->kill(*order[3]);
  expect_all_found(*network, 10);
  EXPECT_TRUE(network->settle()) << network->ring_fault();
}

TEST(Failure, TwoNeighborsAtOnceHoldNobodyUp) {
  for (std::size_t first = 0; first < 8; ++first) {
    auto network = Network::ring(8, 1 + first);
    store_users(*network, 8);
    const auto order = network->ring_order(NodeId{});
    const std::set<Host*> victims{order[first], order[(first + 1) % 8]};
    std::size_t waiting = 0;
    MonotonicClock::duration longest{};
    for (int tick = 0; tick < 60; ++tick) {
      if (tick == 30) {
        for (Host* victim : victims)
          network->kill(*victim);
      }
      for (Host* host : network->joined()) {
        if (victims.contains(host)) continue;
        ++waiting;
        network->turn(*host, [&, began = network->now().monotonic](Peer& peer) {
          peer.lookup({user_name(tick % 8), {credential}}, [&, began](Result<LookupReport> done) {
            ASSERT_TRUE(done) << done.error().message();
            EXPECT_EQ(done->values.size(), 1U);
            longest = std::max(longest, network->now().monotonic - began);
            --waiting;
          });
        });
      }
      network->run_for(milliseconds{3});
    }
    ASSERT_TRUE(network->run_until([&] { return waiting == 0; }, seconds{15}));
    EXPECT_LT(longest, milliseconds{700}) << "the first of them is number " << first;
  }
}

TEST(Failure, StoresGoOnWhileAReplicaDies) {
  auto network = Network::ring(4);
  const auto place = network->host(0).peer->resource_id(user_name(0));
  const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
  // Its first replica falls silent: that costs time, but the second one confirms.
  network->silence(*order[1]);
  const auto stored = network->store(*order[0], user_value(user_name(0), user_name(0)));
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(text_of(network->lookup(*order[3], user_name(0), {credential})), user_name(0) + ";");
}

TEST(Failure, AStoreIsNotAnsweredWhenNoReplicaConfirms) {
  auto network = Network::ring(3);
  const auto place = network->host(0).peer->resource_id(user_name(0));
  const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
  order[1]->disk.set_capacity(0);
  order[2]->disk.set_capacity(0);
  const auto stored = network->store(*order[0], user_value(user_name(0), "x"));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::request_timeout) << stored.error().message();
}

TEST(Failure, AReplicaThatMissedAStoreGetsItLater) {
  auto network = Network::ring(3);
  const auto place = network->host(0).peer->resource_id(user_name(0));
  const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
  order[2]->disk.fail_next_syncs(1);
  ASSERT_TRUE(network->store(*order[0], user_value(user_name(0), "x")));
  EXPECT_EQ(copies(*network, place), 2);
  network->run_for(seconds{10});
  EXPECT_EQ(copies(*network, place), 3);
}

TEST(Failure, TheLastOneAnswersAlone) {
  auto network = Network::ring(3);
  store_users(*network, 5);
  network->kill(network->host(0));
  network->run_for(seconds{3});
  network->kill(network->host(2));
  expect_all_found(*network, 5);
  ASSERT_TRUE(network->store(network->host(1), user_value(user_name(9), "alone")));
}

TEST(Failure, APeerThatRestartsHasItsDataAndCatchesUp) {
  auto network = Network::ring(3);
  store_users(*network, 10);
  Host& host = network->host(1);
  network->kill(host);
  network->run_for(seconds{4});
  // Meanwhile something changes and something is new.
  ASSERT_TRUE(network->store(network->host(0), user_value(user_name(0), "changed")));
  ASSERT_TRUE(network->store(network->host(2), user_value(user_name(10), user_name(10))));
  network->join(host);
  network->run_for(seconds{5});
  EXPECT_EQ(network->ring_fault(), "");
  for (Host* each : network->joined()) {
    EXPECT_EQ(text_of(network->lookup(*each, user_name(0), {credential})), "changed;");
    EXPECT_EQ(resources_on(*each), 11U);
  }
  // Only what it lacked was sent to it.
  std::uint64_t sent = 0;
  for (std::size_t i : {0U, 2U})
    sent += network->host(i).peer->status().replication.resources_sent;
  EXPECT_LT(sent, 30U);
}

TEST(Failure, AfterAllHaveRestartedAllIsThere) {
  auto network = Network::ring(5);
  store_users(*network, 20);
  network->run_for(seconds{2});
  for (auto& host : network->hosts())
    network->kill(*host);
  network->run_for(seconds{2});
  // In another order, and two of them never come back.
  for (const std::size_t index : {3U, 0U, 4U})
    network->join(network->host(index));
  ASSERT_TRUE(network->settle()) << network->ring_fault();
  network->run_for(seconds{10});
  expect_all_found(*network, 20);
}

TEST(Failure, ABrokenLinkBetweenLivingPeersIsMadeAnew) {
  auto network = Network::ring(5);
  store_users(*network, 5);
  const auto order = network->ring_order(NodeId{});
  network->break_links(*order[1], *order[2]);
  EXPECT_TRUE(network->settle(seconds{20})) << network->ring_fault();
  network->run_for(seconds{5});
  expect_all_found(*network, 5);
}

TEST(Failure, TheApplicationLearnsThatTheRingHasChanged) {
  auto network = Network::ring(3);
  const unsigned before = network->host(0).ring_changes;
  network->kill(network->host(1));
  network->run_for(seconds{1});
  EXPECT_GT(network->host(0).ring_changes, before);
}

}  // namespace
}  // namespace carillon::peer
