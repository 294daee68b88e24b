#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "peer/reconciliation.hpp"
#include "peer/support/users.hpp"
#include "topology/ring_interval.hpp"

namespace carillon::peer {
namespace {

TEST(Handover, ANewcomerHasItsDataBeforeItAnswers) {
  Network network;
  network.join(network.add_host());
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), user_name(i))));
  Host& newcomer = network.add_host();
  network.start(newcomer);
  // Whoever is asked at whatever moment has the answer.
  int asked = 0;
  while (!newcomer.has_joined() && asked < 10'000) {
    const int user = asked++ % 100;
    ASSERT_EQ(text_of(network.lookup(network.host(0), user_name(user), {credential})),
              user_name(user) + ";");
    network.run_for(milliseconds{1});
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(text_of(network.lookup(newcomer, user_name(i), {credential})), user_name(i) + ";");
  }
  network.run_for(seconds{3});
  EXPECT_EQ(resources_on(newcomer), 100U);
}

TEST(Handover, WhatIsStoredMeanwhileIsNotMissed) {
  Network network;
  network.join(network.add_host());
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), "old")));
  network.start(network.add_host());
  int changed = 0;
  while (!network.host(1).has_joined() && changed < 300) {
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(changed++), "new")));
  }
  ASSERT_TRUE(network.run_until([&] { return network.host(1).has_joined(); }, seconds{30}));
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(text_of(network.lookup(network.host(1), user_name(i), {credential})),
              i < changed ? "new;" : "old;");
  }
}

TEST(Handover, ANewcomerThatDiesHalfWayCostsNothing) {
  Network network;
  network.join(network.add_host());
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), user_name(i))));
  Host& newcomer = network.add_host();
  network.start(newcomer);
  ASSERT_TRUE(network.run_until([&] { return newcomer.disk.size() > 20; }, seconds{10}));
  ASSERT_FALSE(newcomer.has_joined());
  network.kill(newcomer);
  network.run_for(seconds{1});
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(text_of(network.lookup(network.host(0), user_name(i), {credential})),
              user_name(i) + ";");
  }
  // And it may come again.
  network.join(newcomer);
  EXPECT_TRUE(network.settle());
}

TEST(Handover, WhoIsTooFarAwayForgets) {
  PeerOptions options;
  options.drop_delay = seconds{2};
  Network network;
  for (int i = 0; i < 3; ++i) {
    network.add_host().options = options;
    network.join(network.host(static_cast<std::size_t>(i)));
  }
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), user_name(i))));
  for (std::size_t i = 3; i < 8; ++i) {
    network.add_host().options = options;
    network.join(network.host(i));
  }
  ASSERT_TRUE(network.settle());
  network.run_for(seconds{10});
  std::size_t copies = 0;
  for (auto& host : network.hosts())
    copies += resources_on(*host);
  EXPECT_EQ(copies, 60U * 3);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(text_of(network.lookup(network.host(1), user_name(i), {credential})),
              user_name(i) + ";");
  }
}

TEST(Handover, ValuesExpireOnEveryCopy) {
  auto network = Network::ring(3);
  auto request = user_value("alice@example.org", "short");
  request.values[0].lifetime = seconds{5};
  ASSERT_TRUE(network->store(network->host(0), request));
  network->run_for(seconds{6});
  EXPECT_EQ(text_of(network->lookup(network->host(1), "alice@example.org", {credential})), "");
  network->run_for(seconds{60});
  for (auto& host : network->hosts())
    EXPECT_EQ(resources_on(*host), 0U);
}

TEST(Handover, EqualCopiesCostOneQuestion) {
  auto network = Network::ring(3);
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(network->store(network->host(0), user_value(user_name(i), user_name(i))));
  network->run_for(seconds{5});
  const auto before = network->host(0).peer->status();
  network->run_for(std::chrono::duration_cast<milliseconds>(PeerOptions{}.comparison_interval * 2));
  const auto after = network->host(0).peer->status();
  EXPECT_GT(after.replication.comparisons, before.replication.comparisons);
  EXPECT_EQ(after.replication.comparisons_different, before.replication.comparisons_different);
  EXPECT_EQ(after.replication.resources_sent, before.replication.resources_sent);
}

TEST(Handover, WhatIsTooMuchForOneQuestionIsAskedInSeveral) {
  PeerOptions options;
  options.compared_at_once = 5;
  Network network;
  for (std::size_t i = 0; i < 3; ++i) {
    network.add_host().options = options;
    network.join(network.host(i));
  }
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), user_name(i))));
  auto& newcomer = network.add_host();
  newcomer.options = options;
  network.join(newcomer);
  network.kill(network.host(0));
  ASSERT_TRUE(network.settle());
  network.run_for(seconds{60});
  std::size_t copies = 0;
  for (std::size_t i = 1; i < 4; ++i)
    copies += resources_on(network.host(i));
  EXPECT_EQ(copies, 300U * 3);
}

TEST(DigestQuestion, AsksForNoMoreThanItMay) {
  const auto intervals = split(storage::RingInterval{}, 4);
  ASSERT_EQ(intervals.size(), 4U);
  const auto ours = [](std::initializer_list<std::uint32_t> resources) {
    std::vector<RangeDigest> digests;
    for (const auto count : resources)
      digests.push_back({count, {}});
    return digests;
  };
  const auto all = make_question(intervals, ours({3, 0, 4, 3}), 10);
  EXPECT_EQ(all.intervals.size(), 3U);
  EXPECT_EQ(all.ours, ours({3, 4, 3}));
  EXPECT_TRUE(all.later.empty());
  const auto some = make_question(intervals, ours({3, 9, 4, 3}), 10);
  EXPECT_EQ(some.ours, ours({3, 4, 3}));
  EXPECT_EQ(some.later, std::vector{intervals[1]});
  const auto large = make_question(intervals, ours({30, 1, 0, 1}), 10);
  EXPECT_EQ(large.intervals, std::vector{intervals[0]});
  EXPECT_EQ(large.later, (std::vector{intervals[1], intervals[3]}));
  EXPECT_TRUE(make_question(intervals, ours({0, 0, 0, 0}), 10).intervals.empty());
}

storage::RingInterval any_interval() {
  const auto position = [] {
    return topology::RingPosition{*rc::gen::arbitrary<std::uint64_t>(),
                                  *rc::gen::arbitrary<std::uint64_t>()}
        .node_id();
  };
  return {position(), position()};
}

RC_GTEST_PROP(SplitInterval, ThePartsAreTheWhole, ()) {
  const auto whole = *rc::gen::oneOf(rc::gen::exec(any_interval),
                                     rc::gen::map(rc::gen::exec(any_interval), [](auto interval) {
                                       interval.after = interval.upto;
                                       return interval;
                                     }));
  const auto parts = split(whole, 16);
  RC_ASSERT(parts.front().after == whole.after);
  RC_ASSERT(parts.back().upto == whole.upto);
  for (std::size_t i = 1; i < parts.size(); ++i)
    RC_ASSERT(parts[i].after == parts[i - 1].upto);
  const auto place = any_interval().upto;
  int holders = 0;
  for (const auto& part : parts)
    holders += part.contains(ResourceId{place}) ? 1 : 0;
  RC_ASSERT(holders == (whole.contains(ResourceId{place}) ? 1 : 0));
}

TEST(SplitInterval, WhatIsTooShortStaysWhole) {
  const topology::RingPosition place{1, 1};
  const storage::RingInterval interval{place.node_id(), (place + topology::ring_step).node_id()};
  EXPECT_EQ(split(interval, 16).size(), 1U);
}

TEST(SplitStore, NoPieceIsLargerThanItMayBe) {
  wire::StoreReq store;
  store.resource = ResourceId{NodeId{}};
  store.replica_number = 1;
  for (std::uint32_t kind = 1; kind <= 3; ++kind) {
    wire::StoreKindData data;
    data.kind = KindId{kind};
    for (std::uint8_t i = 0; i < 10; ++i) {
      wire::StoredData value;
      value.value.entry = wire::DictionaryEntry{Bytes{i}, {true, Bytes(100, i)}};
      data.values.push_back(value);
    }
    store.kind_data.push_back(data);
  }
  const auto pieces = split(store, 500);
  std::size_t values = 0;
  for (const auto& piece : pieces) {
    EXPECT_LE(wire::encode(piece).size(), 500U);
    EXPECT_EQ(piece.resource, store.resource);
    EXPECT_EQ(piece.replica_number, 1);
    for (const auto& kind : piece.kind_data)
      values += kind.values.size();
  }
  EXPECT_EQ(values, 30U);
  EXPECT_EQ(split(store, 100'000).size(), 1U);
}

}  // namespace
}  // namespace carillon::peer
