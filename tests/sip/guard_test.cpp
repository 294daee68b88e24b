#include "sip/guard.hpp"

#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sip/overload.hpp"
#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using test::answer_challenge;
using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::World;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

MonotonicTime at(std::int64_t ms) {
  return MonotonicTime{} + milliseconds{1'000'000 + ms};
}

// A bucket gives, in any stretch of time, at most its burst and what has come in meanwhile.
RC_GTEST_PROP(TokenBucket, IsNeverOverdrawn, ()) {
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 400));
  const auto burst = *rc::gen::inRange<std::uint32_t>(1, 20);
  MonotonicTime bucket{};
  std::vector<std::int64_t> taken;
  std::int64_t now = 0;
  for (const auto step : steps) {
    now += step;
    if (take(bucket, at(now), milliseconds{100}, burst)) taken.push_back(now);
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    for (std::size_t j = i; j < taken.size(); ++j) {
      const auto allowed = static_cast<std::int64_t>(burst) + (taken[j] - taken[i]) / 100;
      RC_ASSERT(static_cast<std::int64_t>(j - i + 1) <= allowed);
    }
  }
}

// Who keeps to the rate is never refused.
RC_GTEST_PROP(TokenBucket, GivesWhatItPromises, ()) {
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(100, 400));
  MonotonicTime bucket{};
  std::int64_t now = 0;
  for (const auto step : steps) {
    now += step;
    RC_ASSERT(take(bucket, at(now), milliseconds{100}, 1));
  }
}

// However many strangers come, the table does not grow, and a ban outlives them.
RC_GTEST_PROP(BucketTableTest, IsBoundedAndKeepsWhatLastsLongest, ()) {
  BucketTable table{64};
  const auto banned = *rc::gen::nonZero<std::uint64_t>();
  table.at(banned).banned = at(300'000);
  const auto strangers =
      *rc::gen::container<std::vector<std::uint64_t>>(500, rc::gen::arbitrary<std::uint64_t>());
  for (const auto key : strangers) {
    if (key != banned) table.at(key).requests = at(4'000);
  }
  RC_ASSERT(table.capacity() == 64U);
  RC_ASSERT(table.at(banned).banned == at(300'000));
}

TEST(OverloadTest, ShedsNewWorkFirstAndNoMoreThanItMust) {
  Overload overload;
  SeededRandom random{1};
  const auto share = [&](Work work) {
    int shed = 0;
    for (int i = 0; i < 1000; ++i)
      shed += overload.sheds(work, random) ? 1 : 0;
    return shed;
  };
  for (int i = 0; i < 100; ++i)
    overload.report(0.8);
  EXPECT_EQ(overload.level(), 0);
  EXPECT_EQ(share(Work::fresh), 0);
  for (int i = 0; i < 5; ++i)
    overload.report(1);
  EXPECT_NEAR(share(Work::fresh), 500, 60);
  EXPECT_EQ(share(Work::begun), 0);
  for (int i = 0; i < 10; ++i)
    overload.report(1);
  EXPECT_EQ(share(Work::fresh), 1000);
  EXPECT_NEAR(share(Work::begun), 500, 60);
  EXPECT_EQ(share(Work::promised), 0);
  for (int i = 0; i < 4; ++i)
    overload.report(0.4);
  EXPECT_EQ(share(Work::fresh), 0);
}

class GuardTest : public testing::Test {
 protected:
  static std::string register_text(int cseq, const std::string& credentials = {}) {
    const auto n = std::to_string(cseq);
    return lines({"REGISTER sip:example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKg" + n + ";rport",
                  "Max-Forwards: 70", "From: <sip:bob@example.org>;tag=f",
                  "To: <sip:bob@example.org>", "Call-ID: guard", "CSeq: " + n + " REGISTER",
                  "Contact: <sip:bob@192.0.2.1:5060>" +
                      (credentials.empty() ? "" : "\r\nAuthorization: " + credentials)});
  }
  /// One attempt with a password; the status of the answer, 0 if there is none.
  int attempt(Phone& from, Node& node, const std::string& password) {
    from.inbox.clear();
    world.send(from, node, register_text(++number));
    if (from.inbox.empty()) return 0;
    const auto challenge = std::string{from.take_message().header(HeaderId::www_authenticate)};
    world.send(from, node,
               register_text(++number, answer_challenge(challenge, "bob", password, "REGISTER",
                                                        "sip:example.org")));
    return from.inbox.empty() ? 0 : from.take_message().status();
  }

  World world;
  Phone& phone = world.add_phone("192.0.2.1");
  Phone& other = world.add_phone("192.0.2.2");
  int number{0};
};

TEST_F(GuardTest, AFloodIsDroppedAndOthersAreServed) {
  auto options = World::default_options();
  options.limits.source_rate = 10;
  auto& node = world.add_node("10.0.0.1", options);
  for (int i = 0; i < 100; ++i)
    world.send(phone, node, register_text(++number));
  EXPECT_EQ(phone.inbox.size(), 40U);
  EXPECT_EQ(node.core.counters().dropped_flood, 60U);
  EXPECT_EQ(attempt(other, node, "secret"), 200);
  world.advance(seconds{1});
  phone.inbox.clear();
  for (int i = 0; i < 20; ++i)
    world.send(phone, node, register_text(++number));
  EXPECT_EQ(phone.inbox.size(), 10U);
}

TEST_F(GuardTest, StunIsAnsweredNoOftenerThanAnythingElse) {
  auto options = World::default_options();
  options.limits.source_rate = 10;
  auto& node = world.add_node("10.0.0.1", options);
  const std::string binding{"\0\1\0\0\x21\x12\xA4\x42transaction-", 20};
  for (int i = 0; i < 100; ++i)
    world.send(phone, node, binding);
  EXPECT_EQ(phone.inbox.size(), 40U);
  world.send(phone, node, register_text(++number));
  EXPECT_EQ(phone.inbox.size(), 40U) << "both count together";
}

TEST_F(GuardTest, RubbishCostsMore) {
  auto options = World::default_options();
  options.limits.source_rate = 10;
  auto& node = world.add_node("10.0.0.1", options);
  for (int i = 0; i < 4; ++i)
    world.send(phone, node, "rubbish");
  world.send(phone, node, register_text(++number));
  EXPECT_TRUE(phone.inbox.empty());
}

TEST_F(GuardTest, WhoGuessesPasswordsIsBannedForAWhile) {
  auto options = World::default_options();
  options.limits.source_failures = 3;
  options.limits.ban = seconds{60};
  auto& node = world.add_node("10.0.0.1", options);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(attempt(phone, node, "guess"), 401);
  EXPECT_EQ(node.core.counters().bans, 1U);
  EXPECT_EQ(attempt(phone, node, "secret"), 0);
  EXPECT_GT(node.core.counters().dropped_banned, 0U);
  EXPECT_EQ(attempt(other, node, "secret"), 200);
  world.advance(seconds{61});
  EXPECT_EQ(attempt(phone, node, "secret"), 200);
}

TEST_F(GuardTest, AForgedSourceBansNobody) {
  auto options = World::default_options();
  options.limits.source_failures = 3;
  auto& node = world.add_node("10.0.0.1", options);
  // Who cannot see our challenges has no nonce of ours.
  for (int i = 0; i < 20; ++i) {
    world.send(phone, node,
               register_text(++number, answer_challenge("realm=\"example.org\", nonce=\"made-up\"",
                                                        "bob", "x", "REGISTER", "sip:x")));
  }
  EXPECT_EQ(node.core.counters().bans, 0U);
  EXPECT_EQ(attempt(phone, node, "secret"), 200);
}

TEST_F(GuardTest, AUserWhoIsBeingGuessedIsShutForStrangersOnly) {
  auto options = World::default_options();
  options.limits.source_failures = 0;
  options.limits.user_failures = 3;
  auto& node = world.add_node("10.0.0.1", options);
  EXPECT_EQ(attempt(phone, node, "secret"), 200);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(attempt(other, node, "guess"), 401);
  EXPECT_EQ(attempt(other, node, "secret"), 503);
  EXPECT_EQ(attempt(phone, node, "secret"), 200);
  world.advance(seconds{31});
  EXPECT_EQ(attempt(other, node, "secret"), 200);
}

TEST_F(GuardTest, AUserCanOnlyDoSoMuch) {
  auto options = World::default_options();
  options.limits.user_rate = 1;
  auto& node = world.add_node("10.0.0.1", options);
  int changed = 0;
  for (int i = 0; i < 10; ++i) {
    const auto contact =
        "<sip:bob@192.0.2.1:" + std::to_string(6000 + i % 2) + ">;q=0." + std::to_string(1 + i);
    changed += world.register_phone(phone, node, "bob", contact).status() == 200 ? 1 : 0;
  }
  EXPECT_EQ(changed, 4);
  EXPECT_EQ(node.core.counters().refused_users, 6U);
}

TEST_F(GuardTest, ConnectionsAreCountedByAddress) {
  auto options = World::default_options();
  options.limits.connections_per_source = 2;
  auto& node = world.add_node("10.0.0.1", options);
  auto& first = world.connect_phone(node, "192.0.2.7", 1);
  EXPECT_TRUE(world.connect_phone(node, "192.0.2.7", 2).connected);
  EXPECT_FALSE(world.connect_phone(node, "192.0.2.7", 3).connected);
  EXPECT_TRUE(world.connect_phone(node, "192.0.2.8", 3).connected);
  world.disconnect(first);
  EXPECT_TRUE(world.connect_phone(node, "192.0.2.7", 4).connected);
  // IPv6 phones have as many addresses as they like in one network.
  EXPECT_TRUE(world.connect_phone(node, "2001:db8::1", 1).connected);
  EXPECT_TRUE(world.connect_phone(node, "2001:db8::2", 1).connected);
  EXPECT_FALSE(world.connect_phone(node, "2001:db8::3", 1).connected);
  EXPECT_TRUE(world.connect_phone(node, "2001:db8:0:1::3", 1).connected);
}

TEST_F(GuardTest, UnfinishedMessagesAreBounded) {
  auto options = World::default_options();
  options.limits.unfinished_bytes_per_source = 1000;
  auto& node = world.add_node("10.0.0.1", options);
  auto& first = world.connect_phone(node, "192.0.2.7", 1);
  auto& second = world.connect_phone(node, "192.0.2.7", 2);
  const auto start = "MESSAGE sip:bob@example.org SIP/2.0\r\nSubject: " + std::string(600, 'x');
  world.send(first, start);
  EXPECT_TRUE(first.connected);
  world.send(second, start);
  EXPECT_FALSE(second.connected);
  EXPECT_TRUE(first.connected);
  // What the closed one held is free again.
  auto& third = world.connect_phone(node, "192.0.2.7", 3);
  world.send(third, start.substr(0, 300));
  EXPECT_TRUE(third.connected);
}

TEST_F(GuardTest, OverloadAnswersNewWorkWith503) {
  auto& node = world.add_node("10.0.0.1");
  EXPECT_EQ(attempt(phone, node, "secret"), 200);
  for (int i = 0; i < 11; ++i)
    node.core.handle_load(1);
  std::set<std::string> waits;
  for (int i = 0; i < 30; ++i) {
    other.inbox.clear();
    world.send(other, node, register_text(++number));
    const auto response = other.take_message();
    EXPECT_EQ(response.status(), 503);
    waits.emplace(response.header(HeaderId::retry_after));
  }
  EXPECT_GT(waits.size(), 3U);
  EXPECT_EQ(node.core.counters().shed_fresh, 30U);
  EXPECT_GE(node.core.gauges().overload, 1);
  for (int i = 0; i < 3; ++i)
    node.core.handle_load(0.2);
  EXPECT_EQ(attempt(other, node, "secret"), 200);
}

TEST_F(GuardTest, APbxMayCallInAnybodysName) {
  auto options = World::default_options();
  options.any_from = {"carol@example.org"};
  auto& node = world.add_node("10.0.0.1", options);
  const auto invite = [&](const std::string& n) {
    return lines({"INVITE sip:bob@example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKi" + n + ";rport",
                  "Max-Forwards: 70", "From: <sip:555123@example.org>;tag=f",
                  "To: <sip:bob@example.org>", "Call-ID: pbx" + n, "CSeq: 1 INVITE",
                  "Contact: <sip:555123@192.0.2.2>"});
  };
  world.send_authenticated(other, node, invite("1"), "carol");
  EXPECT_EQ(other.take_message().status(), 100);
  EXPECT_EQ(other.take_message().status(), 480);
  world.send_authenticated(other, node, invite("2"), "alice");
  EXPECT_EQ(other.take_message().status(), 403);
}

TEST_F(GuardTest, PhonesDoNotSeeWhereAnotherPeersCallCameThrough) {
  auto& one = world.add_node("10.0.0.1");
  auto& two = world.add_node("10.0.0.2");
  auto& bob = world.connect_phone(two, "192.0.2.7", 40000);
  ASSERT_EQ(
      world.register_phone(bob, two, "bob", "<sip:bob@192.0.2.7:40000;transport=tcp>").status(),
      200);
  const auto invite =
      lines({"INVITE sip:bob@example.org SIP/2.0",
             "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKh1;rport", "Max-Forwards: 70",
             "From: <sip:alice@example.org>;tag=f", "To: <sip:bob@example.org>", "Call-ID: hidden",
             "CSeq: 1 INVITE", "Contact: <sip:alice@192.0.2.2>"});
  world.send_authenticated(other, one, invite, "alice");
  EXPECT_EQ(other.take_message().status(), 100);
  const auto arrived = bob.take();
  EXPECT_EQ(parsed(arrived).count(HeaderId::via), 1U);
  EXPECT_THAT(std::string{parsed(arrived).header(HeaderId::via)}, HasSubstr("10.0.0.2:5060"));
  const auto ok = respond(arrived, 200, "b", {"Contact: <sip:bob@192.0.2.7:40000>"});
  world.send(bob, ok);
  // The second one, too, though nothing of the request is kept by then.
  world.send(bob, ok);
  for (int i = 0; i < 2; ++i) {
    const auto response = other.take_message();
    EXPECT_EQ(response.status(), 200);
    EXPECT_EQ(response.count(HeaderId::via), 1U);
    EXPECT_THAT(std::string{response.header(HeaderId::via)}, HasSubstr("192.0.2.2"));
  }
}

}  // namespace
}  // namespace carillon::sip
