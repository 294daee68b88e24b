#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "peer/support/users.hpp"
#include "storage/storage.hpp"

namespace carillon::peer {
namespace {

TEST(Store, WhatOnePeerStoresEveryPeerFinds) {
  auto network = Network::ring(7);
  for (std::size_t i = 0; i < 7; ++i) {
    const std::string user = "user" + std::to_string(i) + "@example.org";
    const auto stored = network->store(network->host(i), user_value(user, "secret of " + user));
    ASSERT_TRUE(stored) << stored.error().message();
    EXPECT_EQ(stored->replicas, 2U);
    ASSERT_EQ(stored->kinds.size(), 1U);
    EXPECT_GE(stored->kinds[0].generation, 1U);
    for (auto& host : network->hosts()) {
      EXPECT_EQ(text_of(network->lookup(*host, user, {credential})), "secret of " + user + ";");
    }
  }
}

TEST(Store, AnAnswerMeansThatTheNextTwoPeersHaveIt) {
  auto network = Network::ring(6);
  for (int i = 0; i < 12; ++i) {
    const std::string user = "user" + std::to_string(i) + "@example.org";
    ASSERT_TRUE(network->store(network->host(0), user_value(user, "x")));
    network->run_for(milliseconds{100});
    const auto place = network->host(0).peer->resource_id(user);
    const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
    for (std::size_t j = 0; j < order.size(); ++j) {
      const auto found = [&] {
        // Read off the disk: whoever is not responsible does not answer lookups itself.
        std::size_t records = 0;
        (void)order[j]->disk.scan({}, [&](ByteView key, ByteView) {
          if (key.size() > 17 && key[0] == 'r' &&
              std::equal(place.bytes().begin(), place.bytes().end(), key.begin() + 1)) {
            ++records;
          }
          return storage::Scan::next;
        });
        return records;
      }();
      EXPECT_EQ(found, j < 3 ? 1U : 0U) << "peer " << j << " from the resource";
    }
  }
}

TEST(Store, ALookupOfNothingIsAnEmptyReport) {
  auto network = Network::ring(3);
  const auto found = network->lookup(network->host(1), "nobody@example.org", {credential});
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(found->empty());
}

TEST(Store, ALaterValueReplacesTheEarlierOneAndMayRemoveIt) {
  auto network = Network::ring(4);
  const std::string user = "alice@example.org";
  ASSERT_TRUE(network->store(network->host(0), user_value(user, "one")));
  ASSERT_TRUE(network->store(network->host(3), user_value(user, "two")));
  EXPECT_EQ(text_of(network->lookup(network->host(1), user, {credential})), "two;");
  auto removal = user_value(user, "");
  removal.values[0].exists = false;
  ASSERT_TRUE(network->store(network->host(2), removal));
  EXPECT_EQ(text_of(network->lookup(network->host(1), user, {credential})), "");
}

TEST(Store, EachPeerHasItsOwnEntryInADictionary) {
  auto network = Network::ring(5);
  const std::string user = "bob@example.org";
  for (auto& host : network->hosts()) {
    StoreRequest request{.resource_name = user, .user = user, .values = {}};
    const NodeId id = host->id();
    request.values.push_back({.kind = KindId::carillon_contacts,
                              .position = to_bytes(id.bytes()),
                              .value = to_bytes(as_bytes("at " + std::to_string(host->index)))});
    const auto stored = network->store(*host, request);
    ASSERT_TRUE(stored) << stored.error().message();
  }
  const auto found = network->lookup(network->host(2), user, {KindId::carillon_contacts});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 5U);
  for (const auto& value : *found) {
    EXPECT_EQ(value.user, user);
    EXPECT_EQ(std::get<Bytes>(value.position), to_bytes(value.node.bytes()));
  }
}

TEST(Store, NobodyWritesUnderAnothersKey) {
  auto network = Network::ring(3);
  const std::string user = "bob@example.org";
  StoreRequest request{.resource_name = user, .user = user, .values = {}};
  request.values.push_back({.kind = KindId::carillon_contacts,
                            .position = to_bytes(network->host(1).id().bytes()),
                            .value = Bytes{1}});
  for (auto& host : network->hosts()) {
    const auto stored = network->store(*host, request);
    if (host->index == 1) {
      EXPECT_TRUE(stored);
    } else {
      ASSERT_FALSE(stored);
      EXPECT_EQ(stored.error().code, ErrorCode::forbidden) << stored.error().message();
    }
  }
}

TEST(Store, AUserWritesOnlyAtItsOwnName) {
  auto network = Network::ring(3);
  for (auto& host : network->hosts()) {
    auto request = user_value("alice@example.org", "x");
    request.user = "mallory@example.org";
    const auto stored = network->store(*host, request);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, ErrorCode::forbidden) << stored.error().message();
  }
}

TEST(Store, WhatCannotBeStoredSaysWhy) {
  auto network = Network::ring(2);
  Host& host = network->host(0);
  auto request = user_value("alice@example.org", std::string(100'000, 'x'));
  EXPECT_EQ(network->store(host, request).error().code, ErrorCode::data_too_large);
  request = user_value("alice@example.org", "x");
  request.values[0].kind = KindId{0xf000ffff};
  EXPECT_EQ(network->store(host, request).error().code, ErrorCode::unknown_kind);
  request = user_value("alice@example.org", "x");
  request.values[0].position = Bytes{1, 2};
  EXPECT_EQ(network->store(host, request).error().code, ErrorCode::invalid_argument);
  request.values.clear();
  EXPECT_EQ(network->store(host, request).error().code, ErrorCode::invalid_argument);
  request = user_value("alice@elsewhere.net", "x");
  EXPECT_EQ(network->store(host, request).error().code, ErrorCode::forbidden);
}

TEST(Store, BeforeJoiningAndAfterLeavingNothingGoes) {
  Network network;
  network.join(network.add_host());
  Host& host = network.add_host();
  network.join(host);
  ASSERT_TRUE(network.leave(host));
  EXPECT_EQ(network.store(host, user_value("a@example.org", "x")).error().code,
            ErrorCode::not_joined);
  EXPECT_EQ(network.lookup(host, "a@example.org", {credential}).error().code,
            ErrorCode::not_joined);
}

TEST(Store, AWalkFindsEveryResourceOnce) {
  auto network = Network::ring(5);
  std::set<ResourceId> stored;
  for (int i = 0; i < 20; ++i) {
    const std::string user = "user" + std::to_string(i) + "@example.org";
    ASSERT_TRUE(network->store(network->host(0), user_value(user, "x")));
    stored.insert(network->host(0).peer->resource_id(user));
  }
  Host& host = network->host(3);
  std::set<ResourceId> found;
  ResourceId from{host.id()};
  for (std::size_t i = 0; i < stored.size(); ++i) {
    std::optional<Result<FindReport>> report;
    network->turn(host, [&](Peer& peer) {
      peer.find_next(from, credential, [&](Result<FindReport> done) { report = std::move(done); });
    });
    ASSERT_TRUE(network->run_until([&] { return report.has_value(); }, seconds{30}));
    ASSERT_TRUE(*report) << report->error().message();
    ASSERT_TRUE((*report)->resource);
    EXPECT_TRUE(found.insert(*(*report)->resource).second);
    auto next = to_bytes((*report)->resource->bytes());
    for (std::size_t digit = next.size(); digit-- > 0 && ++next[digit] == 0;) {
    }
    from = ResourceId{next};
  }
  EXPECT_EQ(found, stored);
}

TEST(Store, AWalkForAKindThatNobodyStoredEnds) {
  auto network = Network::ring(5);
  std::optional<Result<FindReport>> report;
  network->turn(network->host(1), [&](Peer& peer) {
    peer.find_next(ResourceId{network->host(4).id()}, KindId::carillon_contacts,
                   [&](Result<FindReport> done) { report = std::move(done); });
  });
  ASSERT_TRUE(network->run_until([&] { return report.has_value(); }, seconds{30}));
  ASSERT_TRUE(*report) << report->error().message();
  EXPECT_FALSE((*report)->resource);
}

TEST(Store, ADiskThatFailsToSyncIsAnErrorToTheCallerAndNoCrash) {
  Network network;
  Host& host = network.add_host();
  network.join(host);
  host.disk.fail_next_syncs(1);
  const auto failed = network.store(host, user_value("a@example.org", "x"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::disk_full) << failed.error().message();
  EXPECT_EQ(text_of(network.lookup(host, "a@example.org", {credential})), "");
  EXPECT_TRUE(network.store(host, user_value("a@example.org", "x")));
  EXPECT_EQ(text_of(network.lookup(host, "a@example.org", {credential})), "x;");
}

TEST(Store, WhereTheResponsiblePeersDiskIsFullNothingIsPromised) {
  auto network = Network::ring(3);
  const std::string user = "a@example.org";
  Host& responsible = network->responsible_for(network->host(0).peer->resource_id(user));
  responsible.disk.set_capacity(0);
  Host& other = network->host((responsible.index + 1) % 3);
  const auto failed = network->store(other, user_value(user, "x"));
  EXPECT_FALSE(failed);
  EXPECT_EQ(text_of(network->lookup(other, user, {credential})), "");
}

TEST(Store, MoreCallsThanMayWaitAreBusy) {
  auto network = Network::ring(2);
  network->kill(network->host(1));
  PeerOptions options;
  options.max_calls = 10;
  options.first = true;
  Host& host = network->host(1);
  options.bootstrap = {network->host(0).address};
  network->run_for(seconds{5});
  network->start(host, options);
  ASSERT_TRUE(network->run_until([&] { return host.has_joined(); }, seconds{20}));
  // A user whose place is the other's.
  std::string user;
  for (int i = 0; user.empty(); ++i) {
    const std::string candidate = "user" + std::to_string(i) + "@example.org";
    if (&network->responsible_for(host.peer->resource_id(candidate)) != &host) user = candidate;
  }
  std::map<ErrorCode, int> errors;
  network->turn(host, [&](Peer& peer) {
    for (int i = 0; i < 30; ++i) {
      peer.lookup({user, {credential}}, [&](const Result<LookupReport>& report) {
        if (!report) ++errors[report.error().code];
      });
    }
  });
  EXPECT_EQ(errors[ErrorCode::busy], 20);
  network->run_for(seconds{1});
  EXPECT_EQ(errors.size(), 1U);
}

/// Believes everything: storage that somebody has tampered with.
class Gullible final : public storage::ValueVerifier {
 public:
  explicit Gullible(storage::Signer signer) : signer_(std::move(signer)) {}
  Result<storage::Signer> verify(const ResourceId& /*resource*/, KindId /*kind*/,
                                 const wire::StoredData& /*value*/, Now /*now*/) override {
    return signer_;
  }

 private:
  storage::Signer signer_;
};

TEST(Store, AValueThatTheResponsiblePeerHasChangedIsNotBelieved) {
  auto network = Network::ring(3);
  const std::string user = "alice@example.org";
  ASSERT_TRUE(network->store(network->host(0), user_value(user, "genuine")));
  const auto place = network->host(0).peer->resource_id(user);
  const auto order = network->ring_order(NodeId::from_bytes(place.bytes()).value());
  Host& bad = *order[0];
  Host& asker = *order[1];
  EXPECT_EQ(text_of(network->lookup(asker, user, {credential})), "genuine;");

  network->kill(bad);
  storage::Storage storage{bad.disk, storage::KindTable{network->document.configuration},
                           storage::AccessPolicies::standard()};
  ASSERT_TRUE(storage.open());
  auto stored = storage.resource(place, network->now());
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->content.kind_data.size(), 1U);
  auto& value = stored->content.kind_data[0].values.at(0);
  value.storage_time += 1;
  value.value.data_value().value = to_bytes(as_bytes("changed"));
  Gullible gullible{{user, bad.id(), {}}};
  ASSERT_TRUE(storage.store(stored->content, {network->now(), gullible, {}}));
  ASSERT_TRUE(storage.flush());

  network->join(bad);
  ASSERT_TRUE(network->settle());
  const auto rejected = asker.peer->status().calls.values_rejected;
  EXPECT_EQ(text_of(network->lookup(asker, user, {credential})), "");
  EXPECT_EQ(asker.peer->status().calls.values_rejected, rejected + 1);
}

}  // namespace
}  // namespace carillon::peer
