#include "sim/network.hpp"

#include <gtest/gtest.h>

#include "sim/ledger.hpp"

namespace carillon::sim {
namespace {

/// Two hosts with a connection; what arrives is read off the queue, no peer runs.
struct NetworkTest : testing::Test {
  NetworkTest() : network(settings, 1, events, hosts) {
    Population population{false, 1};
    for (HostIndex i = 0; i < 2; ++i) {
      const NodeId id = security::random_node_id(random);
      hosts.push_back(std::make_unique<Host>(i, population.enroll(id, false),
                                             HostClock{0, milliseconds{0}}, i, ledger));
    }
    network.connected(*hosts[0], link::LinkId{1}, *hosts[1], link::LinkId{1});
  }
  void send(std::uint8_t number) {
    network.send(now, *hosts[0], link::LinkId{1}, Bytes{number});
    now += milliseconds{1};
  }
  /// The first octets of what arrives, in the order in which it does.
  std::vector<int> arrivals() {
    std::vector<int> list;
    while (!events.empty()) {
      const Event event = events.pop();
      if (event.kind == EventKind::deliver) list.push_back(event.octets.front());
    }
    return list;
  }

  SmallRandom random{2};
  Settings settings;
  Ledger ledger;
  EventQueue events;
  std::vector<std::unique_ptr<Host>> hosts;
  MonotonicTime now{start_time};
  Network network;
};

std::vector<int> in_order(int count) {
  std::vector<int> list;
  for (int i = 0; i < count; ++i)
    list.push_back(i);
  return list;
}

TEST_F(NetworkTest, WhatIsSentArrivesInOrder) {
  for (std::uint8_t i = 0; i < 100; ++i)
    send(i);
  EXPECT_EQ(arrivals(), in_order(100));
}

struct BadNetworkTest : NetworkTest {
  BadNetworkTest() {
    for (const char* bad : {"loss=0.2", "reordering=0.3", "duplication=0.3"})
      EXPECT_TRUE(settings.set(bad));
    worse.emplace(settings, 1, events, hosts);
    hosts[0]->links.clear();
    hosts[1]->links.clear();
    worse->connected(*hosts[0], link::LinkId{1}, *hosts[1], link::LinkId{1});
  }
  std::optional<Network> worse;
};

TEST_F(BadNetworkTest, PacketsThatAreLostOvertakenOrDoubledAreTimeToAStream) {
  for (std::uint8_t i = 0; i < 100; ++i) {
    worse->send(now, *hosts[0], link::LinkId{1}, Bytes{i});
    now += milliseconds{1};
  }
  EXPECT_EQ(arrivals(), in_order(100));
  EXPECT_GT(worse->counters().lost, 5U);
  EXPECT_GT(worse->counters().duplicated, 5U);
}

TEST_F(NetworkTest, WhatIsSentWhileTheWayIsCutArrivesWhenItIsMended) {
  hosts[1]->group = 1;
  send(0);
  network.cut(0, 1);
  EXPECT_TRUE(network.is_cut());
  EXPECT_FALSE(network.can_reach(*hosts[0], *hosts[1]));
  EXPECT_TRUE(network.can_reach(*hosts[1], *hosts[0])) << "the other direction is not";
  send(1);
  send(2);
  EXPECT_EQ(arrivals(), in_order(1));
  network.mend(now);
  EXPECT_EQ(arrivals(), (std::vector<int>{1, 2}));
}

TEST_F(NetworkTest, ACloseComesAfterWhatWasSentBefore) {
  send(7);
  network.close(now, *hosts[0], link::LinkId{1});
  EXPECT_EQ(events.pop().kind, EventKind::deliver);
  EXPECT_EQ(events.pop().kind, EventKind::closed);
}

TEST_F(NetworkTest, AfterAPowerFailureNobodyIsTold) {
  network.drop_all(now, *hosts[0], false);
  EXPECT_TRUE(events.empty());
  EXPECT_TRUE(hosts[0]->links.empty());
}

TEST(Addresses, TellTheHost) {
  for (const HostIndex host : {0U, 1U, 254U, 255U, 65'535U, 1'000'000U})
    EXPECT_EQ(host_at(address_of(host)), host);
  EXPECT_EQ(host_at({"192.0.2.1", 6084}), std::nullopt);
  EXPECT_EQ(host_at({"peer.example.org", 6084}), std::nullopt);
}

}  // namespace
}  // namespace carillon::sim
