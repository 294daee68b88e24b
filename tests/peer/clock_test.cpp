#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peer/clock_watch.hpp"
#include "peer/support/network.hpp"

// A peer whose wall clock is wrong is told so, by itself and by the others (ClockWatch).

namespace carillon::peer {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Certificates are made good an hour back: so late a clock takes them still.
constexpr milliseconds late_by{3'000'000};

TEST(Clock, OneThatIsRightIsFoundRight) {
  const auto network = Network::ring(5);
  network->run_for(seconds{70});
  for (const auto& host : network->hosts()) {
    const auto clock = host->peer->status().clock;
    EXPECT_GE(clock.compared, 4U);
    EXPECT_LE(std::chrono::abs(clock.behind), seconds{1});
    EXPECT_FALSE(clock.wrong);
    EXPECT_THAT(host->log, Not(Contains(HasSubstr("clock"))));
  }
}

TEST(Clock, BehindIsToldByItselfAndByTheOthers) {
  const auto network = Network::ring(3);
  Host& late = network->add_host();
  late.clock_ahead = -late_by;
  network->start(late);
  ASSERT_TRUE(network->run_until([&] { return late.peer->status().clock.wrong; }, seconds{90}));
  network->run_for(seconds{70});
  EXPECT_NEAR(static_cast<double>(late.peer->status().clock.behind.count()), 3'000'000.0, 1'000.0);
  EXPECT_THAT(late.log, Contains(HasSubstr("our clock is 3000 s behind the others'")));
  for (const auto& host : network->hosts()) {
    if (host.get() == &late) continue;
    EXPECT_FALSE(host->peer->status().clock.wrong);
    EXPECT_THAT(host->log, Not(Contains(HasSubstr("our clock"))));
  }
  const auto who = "the clock of node " + late.id().to_hex() + " is 3000 s behind ours and others'";
  EXPECT_TRUE(std::ranges::any_of(network->hosts(), [&](const auto& host) {
    return std::ranges::any_of(host->log, [&](const auto& line) { return line.contains(who); });
  }));
}

TEST(Clock, DoesNotBecomeRightBecauseOthersGo) {
  const auto network = Network::ring(3);
  Host& late = network->add_host();
  late.clock_ahead = -late_by;
  network->start(late);
  ASSERT_TRUE(
      network->run_until([&] { return late.peer->status().clock.compared == 3; }, seconds{90}));
  ASSERT_TRUE(late.peer->status().clock.wrong);
  network->kill(network->host(0));
  network->kill(network->host(1));
  ASSERT_TRUE(
      network->run_until([&] { return late.peer->status().clock.compared == 1; }, seconds{5}));
  EXPECT_TRUE(late.peer->status().clock.wrong);
  EXPECT_THAT(late.log, Not(Contains(HasSubstr("right again"))));
}

TEST(Clock, AheadIsWrongToo) {
  const auto network = Network::ring(3);
  Host& early = network->add_host();
  early.clock_ahead = late_by / 5;
  network->start(early);
  ASSERT_TRUE(network->run_until([&] { return early.peer->status().clock.wrong; }, seconds{90}));
  network->run_for(seconds{70});
  EXPECT_THAT(early.log, Contains(HasSubstr("our clock is 600 s ahead of the others'")));
}

TEST(Clock, OwnCertificatesThatAreGoodLaterOnlySayWhy) {
  Network network;
  Host& host = network.add_host();
  Peer peer({.listen = host.address},
            Peer::Parts{network.document.document(),
                        security::Identity::from_pem(host.pem, host.random).value(),
                        network.document.verifier,
                        host.disk,
                        host.random,
                        {}});
  const auto opened =
      peer.open({network.now().monotonic, network.now().wall - std::chrono::days{1}});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), HasSubstr("is the clock right?"));
}

TEST(Clock, OneThatIsWrongDoesNotMakeOthersDoubtThemselves) {
  const auto network = Network::ring(2);
  Host& early = network->add_host();
  early.clock_ahead = late_by;
  network->start(early);
  ASSERT_TRUE(network->run_until([&] { return early.peer->status().clock.wrong; }, seconds{90}));
  network->run_for(seconds{70});
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_FALSE(network->host(i).peer->status().clock.wrong);
}

TEST(Clock, SetRightItIsRightAgain) {
  const auto network = Network::ring(3);
  Host& late = network->add_host();
  late.clock_ahead = -late_by / 50;
  network->join(late);
  ASSERT_TRUE(network->run_until([&] { return late.peer->status().clock.wrong; }, seconds{90}));
  late.clock_ahead = milliseconds{0};
  ASSERT_TRUE(network->run_until([&] { return !late.peer->status().clock.wrong; },
                                 ClockWatch::again_after + seconds{10}));
  EXPECT_THAT(late.log, Contains(HasSubstr("our clock is right again")));
}

}  // namespace
}  // namespace carillon::peer
