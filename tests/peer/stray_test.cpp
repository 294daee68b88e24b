#include <algorithm>

#include <gtest/gtest.h>

#include "peer/stray_offer.hpp"
#include "peer/support/raw_node.hpp"
#include "peer/support/users.hpp"

namespace carillon::peer {
namespace {

storage::ResourceDigest held_at(const ResourceId& place) {
  return {place, Sha256Digest{}};
}

std::vector<storage::ResourceDigest> many(std::size_t count) {
  std::vector<storage::ResourceDigest> held;
  for (std::size_t i = 0; i < count; ++i) {
    NodeId::Octets place{};
    place.back() = static_cast<std::uint8_t>(i);
    held.push_back(held_at(ResourceId{NodeId{place}}));
  }
  return held;
}

TEST(StrayOffer, SaysWhatIsHeldWhere) {
  const auto held = many(max_offered);
  const auto request = make_stray_offer(held);
  EXPECT_EQ(request.resource, held.front().resource);
  const auto read = read_stray_offer(request);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, held);
}

TEST(StrayOffer, IsNoOrdinaryStore) {
  wire::StoreReq ordinary;
  ordinary.kind_data.push_back({credential, 0, {}});
  const auto read = read_stray_offer(ordinary);
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(StrayOffer, IsRefusedIfItIsNotInForm) {
  EXPECT_EQ(read_stray_offer(make_stray_offer(many(max_offered + 1))).error().code,
            ErrorCode::too_large);
  auto with_another = make_stray_offer(many(1));
  with_another.kind_data.push_back({credential, 0, {}});
  EXPECT_FALSE(read_stray_offer(with_another));
  auto short_digest = make_stray_offer(many(1));
  auto& entry = short_digest.kind_data[0].values[0].value.entry;
  std::get<wire::DictionaryEntry>(entry).value.value.pop_back();
  EXPECT_FALSE(read_stray_offer(short_digest));
  auto empty = make_stray_offer(many(1));
  empty.kind_data[0].values.clear();
  EXPECT_FALSE(read_stray_offer(empty));
}

/// Two sides of a ring of twelve: on the smaller one stand three, so that on the healed ring many
/// others stand between a place and whoever answered for it there.
struct Strays : testing::Test {
  static constexpr int users = 40;

  Strays() {
    store_users(*network, users);
    network->partition({0, 1, 2});
    network->run_for(seconds{20});
  }
  void change(Host& host, bool exists, const std::string& value) {
    for (int i = 0; i < users; ++i) {
      auto request = user_value(user_name(i), value);
      request.values[0].exists = exists;
      ASSERT_TRUE(network->store(host, request));
    }
  }
  void heal() {
    network->heal();
    ASSERT_TRUE(network->settle(seconds{240})) << network->ring_fault();
    network->run_for(seconds{30});
  }
  void expect_everywhere(const std::string& text) {
    for (int i = 0; i < users; ++i) {
      EXPECT_EQ(text_of(network->lookup(network->host(3), user_name(i), {credential})), text) << i;
    }
  }

  std::unique_ptr<Network> network = Network::ring(12);
};

TEST_F(Strays, TheNewestComesBackFromFarAway) {
  change(network->host(0), true, "newest");
  heal();
  expect_everywhere("newest;");
}

TEST_F(Strays, WhatTheSmallerSideRemovedStaysRemoved) {
  change(network->host(0), false, "");
  heal();
  expect_everywhere("");
}

TEST_F(Strays, WhatIsNewerOverThereStays) {
  change(network->host(0), true, "older");
  network->run_for(seconds{1});
  change(network->host(11), true, "newest");
  heal();
  expect_everywhere("newest;");
}

TEST_F(Strays, WhoLeavesAtOnceHandsThemOnFirst) {
  change(network->host(0), true, "newest");
  network->heal();
  ASSERT_TRUE(network->settle(seconds{240})) << network->ring_fault();
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_TRUE(network->leave(network->host(index)));
  }
  network->run_for(seconds{30});
  expect_everywhere("newest;");
}

TEST_F(Strays, OnlyThreeCopiesAreLeft) {
  change(network->host(0), true, "newest");
  heal();
  network->run_for(seconds{300});
  std::size_t copies = 0;
  for (auto& host : network->hosts())
    copies += resources_on(*host);
  EXPECT_EQ(copies, std::size_t{users} * 3);
}

TEST(StrayIntake, AsksForWhatItLacksAndTakesNothingUnsigned) {
  auto network = Network::ring(4);
  RawNode stranger{*network, network->document.overlay.identity()};
  stranger.connect(network->host(0));
  // A client is reached only through the peer that it is connected to.
  ResourceId place;
  for (int i = 0; place.bytes().empty(); ++i) {
    const auto at = network->host(0).peer->resource_id(user_name(i));
    if (&network->responsible_for(at) == &network->host(0)) place = at;
  }
  // The stranger answers the Fetch with nothing that could be read.
  EXPECT_FALSE(stranger.ask({place}, make_stray_offer({held_at(place)})));
  EXPECT_TRUE(std::ranges::any_of(stranger.received, [](const auto& request) {
    return request.contents.message_code == wire::MessageCode::fetch_req;
  }));
  for (auto& host : network->hosts())
    EXPECT_EQ(resources_on(*host), 0U);
}

TEST(StrayIntake, SaysSoWhereItIsNotResponsible) {
  auto network = Network::ring(4);
  RawNode stranger{*network, network->document.overlay.identity()};
  stranger.connect(network->host(0));
  const ResourceId place = network->host(0).peer->resource_id("nobody@example.org");
  Host& right = network->responsible_for(place);
  Host& wrong = network->host(right.index == 0 ? 1 : 0);
  const auto outcome = stranger.ask({wrong.id()}, make_stray_offer({held_at(place)}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::not_found);
}

}  // namespace
}  // namespace carillon::peer
