#include <gtest/gtest.h>

#include "peer/support/network.hpp"

namespace carillon::peer {
namespace {

TEST(ConfigUpdate, ANewDocumentSpreadsThroughTheOverlay) {
  auto network = Network::ring(5);
  auto& configuration = network->document.configuration;
  configuration.sequence = config::next(configuration.sequence);
  network->turn(network->host(2), [&](Peer& peer) {
    const auto taken = peer.update_configuration(network->document.text());
    ASSERT_TRUE(taken) << taken.error().message();
  });
  // Whoever is asked by, or asks, one that has it gets it.
  for (int i = 0; i < 5; ++i) {
    for (auto& host : network->hosts()) {
      (void)network->lookup(*host, "user" + std::to_string(i) + "@example.org",
                            {KindId::carillon_credential});
    }
  }
  network->run_for(seconds{10});
  for (auto& host : network->hosts()) {
    EXPECT_EQ(host->peer->status().configuration_sequence, configuration.sequence) << host->index;
  }
  EXPECT_TRUE(network->store(network->host(0), user_value("alice@example.org", "x")));
}

TEST(ConfigUpdate, AnOlderDocumentIsNotTaken) {
  auto network = Network::ring(2);
  network->turn(network->host(0), [&](Peer& peer) {
    const auto taken = peer.update_configuration(network->document.text());
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::config_too_old);
  });
}

TEST(ConfigUpdate, ANewcomerWithAnOldDocumentGetsTheNewOne) {
  auto network = Network::ring(3);
  const auto old = network->document.configuration;
  network->document.configuration.sequence = config::next(old.sequence);
  const std::string text = network->document.text();
  const auto sequence = network->document.configuration.sequence;
  for (auto& host : network->hosts()) {
    network->turn(*host, [&](Peer& peer) { ASSERT_TRUE(peer.update_configuration(text)); });
  }
  network->document.configuration = old;
  Host& host = network->add_host();
  network->join(host);
  EXPECT_EQ(host.peer->status().configuration_sequence, sequence);
  EXPECT_TRUE(network->settle()) << network->ring_fault();
}

}  // namespace
}  // namespace carillon::peer
