#include <gtest/gtest.h>

#include "peer/support/network.hpp"

namespace carillon::peer {
namespace {

TEST(Join, TheFirstPeerIsResponsibleForEverything) {
  Network network;
  Host& host = network.add_host();
  network.join(host);
  EXPECT_EQ(host.peer->status().range_fraction, 1.0);
}

TEST(Join, OneAfterTheOther) {
  Network network;
  for (int peers = 1; peers <= 16; ++peers) {
    network.join(network.add_host());
    ASSERT_TRUE(network.settle()) << peers << " peers: " << network.ring_fault();
    double covered = 0;
    for (Host* host : network.joined())
      covered += host->peer->status().range_fraction;
    EXPECT_NEAR(covered, 1.0, 1e-9);
  }
}

TEST(Join, AllAtOnce) {
  Network network;
  network.join(network.add_host());
  for (int i = 0; i < 15; ++i)
    network.start(network.add_host());
  ASSERT_TRUE(network.run_until([&] { return network.joined().size() == 16; }, seconds{60}));
  EXPECT_TRUE(network.settle()) << network.ring_fault();
}

TEST(Join, ADeadBootstrapNodeIsSkipped) {
  Network network;
  Host& dead = network.add_host();
  Host& silent = network.add_host();
  network.join(network.host(0));
  network.join(network.host(1));
  Host& alive = network.add_host();
  network.join(alive);
  network.kill(dead);
  network.silence(silent);
  Host& host = network.add_host();
  PeerOptions options;
  options.bootstrap = {dead.address, silent.address, alive.address};
  network.start(host, options);
  EXPECT_TRUE(network.run_until([&] { return host.has_joined(); }, seconds{20}));
  EXPECT_TRUE(network.settle()) << network.ring_fault();
}

TEST(Join, NobodyAnswers) {
  Network network;
  Host& host = network.add_host();
  PeerOptions options;
  options.bootstrap = {{"192.0.2.77", 6084}};
  network.start(host, options);
  ASSERT_TRUE(
      network.run_until([&] { return host.peer->state() == PeerState::idle; }, seconds{60}));
  EXPECT_NE(host.log.back().find("join: unreachable"), std::string::npos) << host.log.back();
}

}  // namespace
}  // namespace carillon::peer
