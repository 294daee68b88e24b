#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "peer/range_digest.hpp"
#include "peer/support/raw_node.hpp"
#include "peer/support/users.hpp"
#include "topology/ring_position.hpp"
#include "wire/stat.hpp"

namespace carillon::peer {
namespace {

constexpr int users = 120;

/// Four peers and all users, and a fifth on its way in.
struct Completeness : testing::Test {
  Completeness() {
    for (int i = 0; i < 4; ++i)
      network.join(network.add_host());
    store_users(network, users);
  }

  /// Runs until the newcomer is admitted, and no longer. What it is a replica of comes slowly.
  Host& admit() {
    Host& newcomer = network.add_host();
    newcomer.options.bundle_pause = pause;
    network.start(newcomer);
    EXPECT_TRUE(network.run_until([&] { return newcomer.has_joined(); }, seconds{30}));
    return newcomer;
  }

  /// Some user whom the host is responsible for.
  std::string user_of(Host& host) {
    for (int i = 0; i < users; ++i) {
      if (is_responsible(host, user_name(i))) return user_name(i);
    }
    ADD_FAILURE() << "it has no user";
    return {};
  }

  /// It believes its own copy: a lookup needs no message.
  void expect_sure(Host& host) {
    const std::string user = user_of(host);
    const std::uint64_t before = network.octets_carried;
    EXPECT_EQ(text_of(network.lookup(host, user, {credential})), user + ";");
    EXPECT_EQ(network.octets_carried, before) << host.index;
  }

  bool is_responsible(Host& host, const std::string& user) {
    return &network.responsible_for(host.peer->resource_id(user)) == &host;
  }

  /// One that was cut off, or stopped, and is back: the others took it for dead, and answered for
  /// its part, also for as many users who are new.
  Host& bring_back() {
    Host& gone = admit();
    network.run_for(seconds{30});
    network.partition({gone.index});
    network.run_for(seconds{10});
    for (int i = users; i < 2 * users; ++i)
      EXPECT_TRUE(network.store(network.host(0), user_value(user_name(i), user_name(i))));
    network.heal();
    const auto is_back = [&] {
      const auto before = network.ring_order(gone.id())[1]->peer->status().predecessors;
      return !before.empty() && before.front() == gone.id() &&
             gone.peer->status().range_fraction < 1;
    };
    EXPECT_TRUE(network.run_until(is_back, seconds{30}));
    return gone;
  }

  /// How many resources a walk around the ring finds, which goes on whenever it can.
  int walk(Host& from) {
    std::set<ResourceId> found;
    ResourceId at{NodeId{}};
    for (;;) {
      std::optional<Result<FindReport>> report;
      network.turn(from, [&](Peer& peer) {
        peer.find_next(at, credential, [&](auto result) { report = std::move(result); });
      });
      EXPECT_TRUE(network.run_until([&] { return report.has_value(); }, seconds{60}));
      if (report && !*report && report->error().code == ErrorCode::in_progress) continue;
      if (!report || !*report || !(*report)->resource) return -1;
      if (!found.insert(*(*report)->resource).second) return static_cast<int>(found.size());
      at = (topology::RingPosition{*(*report)->resource} + topology::ring_step).resource_id();
    }
  }

  void expect_found(Host& from) {
    for (int i = 0; i < users; ++i) {
      ASSERT_EQ(text_of(network.lookup(from, user_name(i), {credential})), user_name(i) + ";") << i;
    }
  }

  static constexpr milliseconds pause{400};
  Network network;
};

TEST_F(Completeness, ANewcomerIsAdmittedBeforeItHasWhatItIsAReplicaOf) {
  Host& newcomer = admit();
  const std::size_t at_first = resources_on(newcomer);
  const double share = newcomer.peer->status().range_fraction;
  EXPECT_NEAR(static_cast<double>(at_first), share * users, 0.05 * users);
  network.run_for(seconds{10});
  EXPECT_GT(resources_on(newcomer), at_first);
  EXPECT_TRUE(network.settle());
  expect_found(newcomer);
}

/// What it is to be a replica of has not come, and it has to answer for it already.
TEST_F(Completeness, ItsPredecessorMayDieAtOnce) {
  Host& newcomer = admit();
  Host& before = *network.ring_order(newcomer.id()).back();
  network.kill(before);
  EXPECT_TRUE(network.run_until([&] { return network.ring_fault().empty(); }, seconds{5}));
  for (Host* host : network.joined())
    expect_found(*host);
}

TEST_F(Completeness, TwoBeforeItMayDieAtOnce) {
  Host& newcomer = admit();
  const auto order = network.ring_order(newcomer.id());
  network.kill(*order.back());
  network.kill(*order[order.size() - 2]);
  EXPECT_TRUE(network.run_until([&] { return network.ring_fault().empty(); }, seconds{5}));
  expect_found(newcomer);
  expect_found(*order[1]);
}

/// It has an old copy on its disk, and there is a newer one.
TEST_F(Completeness, AnOldDiskIsNotBelieved) {
  Host& newcomer = admit();
  network.run_for(seconds{10});
  network.kill(newcomer);
  network.run_for(seconds{2});
  for (int i = 0; i < users; i += 3)
    ASSERT_TRUE(network.store(network.host(0), user_value(user_name(i), "new")));
  network.start(newcomer);
  ASSERT_TRUE(network.run_until([&] { return newcomer.has_joined(); }, seconds{30}));
  network.kill(*network.ring_order(newcomer.id()).back());
  EXPECT_TRUE(network.run_until([&] { return network.ring_fault().empty(); }, seconds{5}));
  for (int i = 0; i < users; ++i) {
    ASSERT_EQ(text_of(network.lookup(newcomer, user_name(i), {credential})),
              i % 3 == 0 ? "new;" : user_name(i) + ";");
  }
}

TEST_F(Completeness, WhoWasGoneForAWhileAsksItsSuccessorsFirst) {
  Host& gone = bring_back();
  int answered = 0;
  for (int i = users; i < 2 * users; ++i) {
    if (!is_responsible(gone, user_name(i))) continue;
    for (Host* from : {network.ring_order(gone.id())[1], &gone})
      ASSERT_EQ(text_of(network.lookup(*from, user_name(i), {credential})), user_name(i) + ";");
    ++answered;
  }
  EXPECT_GT(answered, 8);
  EXPECT_TRUE(network.settle());
  network.run_for(seconds{60});
  for (Host* host : network.joined())
    expect_sure(*host);
}

TEST_F(Completeness, AWalkMissesNothingThatWasStoredMeanwhile) {
  Host& gone = bring_back();
  EXPECT_EQ(walk(gone), 2 * users);
}

TEST_F(Completeness, AStatIsOfWhatIsNewest) {
  Host& gone = bring_back();
  RawNode client{network, network.document.overlay.identity()};
  client.connect(gone);
  const auto specifier = wire::StoredDataSpecifier::all(credential, wire::DataModel::single_value);
  for (int i = users; i < 2 * users; ++i) {
    if (!is_responsible(gone, user_name(i))) continue;
    const ResourceId place = gone.peer->resource_id(user_name(i));
    const auto outcome = client.ask({place}, wire::StatReq{place, {specifier}});
    ASSERT_TRUE(outcome);
    Reader reader{outcome->contents.message_body};
    const auto answer =
        wire::StatAns::decode(reader, [](KindId) { return wire::DataModel::single_value; });
    ASSERT_EQ(answer.kind_responses.size(), 1U);
    EXPECT_GT(answer.kind_responses[0].generation, 0U) << user_name(i);
  }
}

/// A successor that starts anew has answered for nothing meanwhile.
TEST_F(Completeness, WhoseSuccessorRestartsIsSure) {
  Host& host = network.host(0);
  Host& after = *network.ring_order(host.id())[1];
  network.kill(after);
  network.run_for(seconds{5});
  network.start(after);
  const auto is_back = [&] { return host.peer->status().successors.front() == after.id(); };
  ASSERT_TRUE(network.run_until(is_back, seconds{30}));
  expect_sure(host);
}

/// Each half has taken the other's part.
TEST_F(Completeness, AfterAPartitionAllAreSureAgain) {
  network.partition({network.ring_order({})[0]->index, network.ring_order({})[2]->index});
  network.run_for(seconds{20});
  network.heal();
  EXPECT_TRUE(network.settle(seconds{180}));
  network.run_for(seconds{20});
  for (Host* host : network.joined())
    expect_sure(*host);
}

/// Whoever holds our part tells us of others, too, as we hold theirs: that says nothing of ours.
TEST(SmallRing, WhoIsBackStaysSure) {
  auto network = Network::ring(3);
  store_users(*network, 30);
  network->partition({0});
  network->run_for(seconds{10});
  network->heal();
  EXPECT_TRUE(network->settle(seconds{60}));
  network->run_for(seconds{450});  // All have compared their copies since.
  for (Host* host : network->joined()) {
    int user = 0;
    while (&network->responsible_for(host->peer->resource_id(user_name(user))) != host)
      ++user;
    const std::uint64_t before = network->octets_carried;
    EXPECT_EQ(text_of(network->lookup(*host, user_name(user), {credential})),
              user_name(user) + ";");
    EXPECT_EQ(network->octets_carried, before) << host->index;
  }
}

/// Who moves data to a member does not keep it from everything else.
TEST_F(Completeness, AMemberTakesBundlesAtItsLeisure) {
  Host& newcomer = admit();
  const std::size_t at_first = resources_on(newcomer);
  const auto began = network.now().monotonic;
  ASSERT_TRUE(
      network.run_until([&] { return resources_on(newcomer) >= at_first + 40; }, seconds{30}));
  EXPECT_GE(network.now().monotonic - began, (40 / 8 - 1) * pause);
}

TEST(CopiedNotice, NamesAnInterval) {
  NodeId::Octets octets{};
  octets.front() = 7;
  const storage::RingInterval interval{NodeId{}, NodeId{octets}};
  const auto read = read_copied_notice(make_copied_notice(interval));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, interval);
}

TEST(CopiedNotice, IsNoOrdinaryStore) {
  const auto read = read_copied_notice(wire::StoreReq{});
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(CopiedNotice, IsRefusedIfItIsNotInForm) {
  const auto good = make_copied_notice({NodeId{}, NodeId{}});
  auto two = good;
  two.kind_data[0].values.push_back(two.kind_data[0].values[0]);
  EXPECT_FALSE(read_copied_notice(two));
  auto shorter = good;
  auto& entry = std::get<wire::DictionaryEntry>(shorter.kind_data[0].values[0].value.entry);
  entry.key.pop_back();
  EXPECT_FALSE(read_copied_notice(shorter));
  auto with_another = good;
  with_another.kind_data.push_back({credential, 0, {}});
  EXPECT_FALSE(read_copied_notice(with_another));
}

}  // namespace
}  // namespace carillon::peer
