#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/digest.hpp"
#include "sip/trunk_case.hpp"

// Registrations at trunks (RFC 3261, 10.2), and the calls that come in from there.

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::TrunkTest;
using test::World;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TrunkRegistrationTest : public TrunkTest {
 protected:
  Node& node_that_registers(const std::string& uri = "sip:198.51.100.1",
                            const std::string& as = "sip:+4930555@carrier.example") {
    auto options = World::default_options();
    options.trunks = {{.uri = uri, .login = {"line7", "open sesame"}, .register_as = as}};
    auto& node = world.add_node("10.0.0.1", options);
    node.core.start_trunks();
    world.settle();
    return node;
  }
  /// The next REGISTER, which is there, and taken with its retransmissions.
  static std::string next_register(Phone& gateway) {
    auto text = gateway.take();
    std::erase(gateway.inbox, text);
    EXPECT_THAT(text, StartsWith("REGISTER "));
    return text;
  }
  /// How long it takes until there is one.
  seconds wait_for_register() {
    seconds passed{0};
    for (; first.inbox.empty() && passed < seconds{5000}; ++passed)
      world.advance(seconds{1});
    return passed;
  }
  void answer(Node& node, const std::string& request, int status,
              std::initializer_list<std::string> more = {}) {
    world.send(first, node, respond(request, status, "gw", more));
  }
  /// Registered for so long.
  Node& registered(const std::string& expires = "600") {
    auto& node = node_that_registers();
    answer(node, next_register(first), 200, {"Expires: " + expires});
    return node;
  }
  static TrunkStatus status(const Node& node) { return node.core.trunk_status().at(0); }
};

TEST_F(TrunkRegistrationTest, IsMadeAsAPhoneWould) {
  auto& node = node_that_registers();
  const auto text = next_register(first);
  const auto message = parsed(text);
  EXPECT_EQ(message.request_uri(), "sip:carrier.example");
  EXPECT_THAT(message.header(HeaderId::from), StartsWith("<sip:+4930555@carrier.example>;tag="));
  EXPECT_EQ(message.header(HeaderId::to), "<sip:+4930555@carrier.example>");
  EXPECT_EQ(message.header(HeaderId::contact), "<sip:+4930555@10.0.0.1:5060>");
  EXPECT_EQ(message.header(HeaderId::expires), "3600");
  EXPECT_EQ(status(node).ends_in, seconds{0});
  answer(node, text, 100);
  answer(node, text, 200,
         {"Contact: <sip:+4930555@192.0.2.99>;expires=77",
          "Contact: <sip:+4930555@10.0.0.1:5060>;expires=1800", "Expires: 99"});
  EXPECT_EQ(status(node).ends_in, seconds{1800});
  EXPECT_EQ(status(node).uri, "sip:198.51.100.1");
  EXPECT_EQ(status(node).aor, "sip:+4930555@carrier.example");
  EXPECT_EQ(status(node).trouble, "");
}

TEST_F(TrunkRegistrationTest, AChallengeIsAnsweredWithTheNextCseq) {
  auto& node = node_that_registers();
  const auto challenge = [](const std::string& nonce, const std::string& more = {}) {
    return "WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"" + nonce +
           "\", qop=\"auth\"" + more;
  };
  const auto one = next_register(first);
  answer(node, one, 401, {challenge("n1")});
  const auto two = next_register(first);
  const auto credentials = DigestCredentials::parse(parsed(two).header(HeaderId::authorization));
  ASSERT_TRUE(credentials);
  EXPECT_TRUE(digest_fits(*credentials, make_credential("line7@carrier.example", "open sesame"),
                          "REGISTER"));
  EXPECT_EQ(credentials->uri, "sip:carrier.example");
  EXPECT_EQ(parsed(one).header(HeaderId::call_id), parsed(two).header(HeaderId::call_id));
  EXPECT_EQ(parsed(one).cseq()->number + 1, parsed(two).cseq()->number);
  // Stale: once more, and then it is a failure.
  answer(node, two, 401, {challenge("n2", ", stale=true")});
  answer(node, next_register(first), 401, {challenge("n3", ", stale=true")});
  EXPECT_THAT(first.inbox, IsEmpty());
  EXPECT_THAT(status(node).trouble, HasSubstr("does not take our user name"));
  EXPECT_EQ(node.core.counters().trunk_registrations_failed, 1U);
  for (const auto& notice : node.notices)
    EXPECT_THAT(notice, testing::Not(HasSubstr("sesame")));
  // The next attempt begins afresh.
  world.advance(seconds{40});
  answer(node, next_register(first), 401, {challenge("n4")});
  answer(node, next_register(first), 200);
  EXPECT_EQ(status(node).ends_in, seconds{3600});
  EXPECT_EQ(status(node).trouble, "");
  // And so does a refresh.
  EXPECT_LT(wait_for_register(), seconds{3000});
  const auto refresh = next_register(first);
  EXPECT_FALSE(parsed(refresh).has(HeaderId::authorization));
  answer(node, refresh, 401, {challenge("n5")});
  EXPECT_TRUE(parsed(next_register(first)).has(HeaderId::authorization));
}

TEST_F(TrunkRegistrationTest, IsRefreshedBeforeItEnds) {
  auto& node = registered("600");
  world.advance(seconds{240});
  EXPECT_THAT(first.inbox, IsEmpty());
  for (int i = 0; i < 5; ++i) {
    (void)wait_for_register();
    EXPECT_GT(status(node).ends_in, seconds{60});
    answer(node, next_register(first), 200, {"Expires: 600"});
    EXPECT_EQ(status(node).ends_in, seconds{600});
  }
}

TEST_F(TrunkRegistrationTest, AShortOneIsNotRefreshedWithoutEnd) {
  auto& node = registered("1");
  for (int i = 0; i < 120; ++i) {
    world.advance(seconds{1});
    while (!first.inbox.empty())
      answer(node, next_register(first), 200, {"Expires: 1"});
  }
  EXPECT_LE(node.core.counters().requests_out, 13U);
}

TEST_F(TrunkRegistrationTest, AFailureIsTriedAgainLaterAndLater) {
  auto& node = node_that_registers();
  for (const int least : {22, 45, 90, 180, 360, 450, 450}) {
    answer(node, next_register(first), 403);
    const auto passed = wait_for_register();
    EXPECT_GE(passed, seconds{least});
    EXPECT_LE(passed, seconds{750});
  }
  EXPECT_EQ(node.core.counters().trunk_registrations_failed, 7U);
  EXPECT_EQ(status(node).trouble, "it says 403");
  // Once it has worked, all begins anew.
  answer(node, next_register(first), 200, {"Expires: 60"});
  world.advance(seconds{60});
  answer(node, next_register(first), 403);
  world.advance(seconds{38});
  EXPECT_THAT(first.inbox, testing::Not(IsEmpty()));
}

TEST_F(TrunkRegistrationTest, NewPasswordsAreTriedAtOnce) {
  auto& node = node_that_registers();
  answer(node, next_register(first), 403);
  EXPECT_THAT(status(node).trouble, HasSubstr("403"));
  node.core.set_trunk_logins({{.uri = "sip:198.51.100.1", .login = {"line8", "anew"}}});
  world.settle();
  answer(node, next_register(first), 401,
         {"WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n1\""});
  const auto text = next_register(first);
  const auto credentials = DigestCredentials::parse(parsed(text).header(HeaderId::authorization));
  ASSERT_TRUE(credentials);
  EXPECT_TRUE(
      digest_fits(*credentials, make_credential("line8@carrier.example", "anew"), "REGISTER"));
  answer(node, text, 200, {"Expires: 600"});
  // What stands needs nothing.
  node.core.set_trunk_logins({{.uri = "sip:198.51.100.1", .login = {"line8", "anew"}}});
  world.settle();
  EXPECT_THAT(first.inbox, IsEmpty());
  EXPECT_EQ(status(node).ends_in, seconds{600});
}

TEST_F(TrunkRegistrationTest, RetryAfterIsHeeded) {
  auto& node = node_that_registers();
  answer(node, next_register(first), 503, {"Retry-After: 1000 (busy)"});
  world.advance(seconds{740});
  EXPECT_THAT(first.inbox, IsEmpty());
  world.advance(seconds{520});
  EXPECT_THAT(first.take(), StartsWith("REGISTER "));
}

TEST_F(TrunkRegistrationTest, TooBriefIsMadeLongerOnce) {
  auto& node = node_that_registers();
  answer(node, next_register(first), 423, {"Min-Expires: 7200"});
  const auto again = next_register(first);
  EXPECT_EQ(parsed(again).header(HeaderId::expires), "7200");
  answer(node, again, 423, {"Min-Expires: 99999999999999999999999"});
  EXPECT_THAT(first.inbox, IsEmpty());
  EXPECT_EQ(status(node).trouble, "it says 423");
}

TEST_F(TrunkRegistrationTest, OddAnswersDoNoHarm) {
  auto& node = node_that_registers();
  answer(node, next_register(first), 200, {"Expires: 0"});
  EXPECT_EQ(status(node).trouble, "it forgets us at once");
  world.advance(seconds{40});
  answer(node, next_register(first), 200,
         {"Contact: *", "Contact: <nonsense", "Expires: 99999999999999999999"});
  EXPECT_LE(status(node).ends_in, seconds{86'400});
}

TEST_F(TrunkRegistrationTest, SilenceIsAFailure) {
  auto& node = node_that_registers();
  world.advance(seconds{33});
  EXPECT_EQ(status(node).trouble, "it does not answer");
  first.inbox.clear();
  world.advance(seconds{40});
  EXPECT_THAT(first.take(), StartsWith("REGISTER "));
}

TEST_F(TrunkRegistrationTest, TheNextServerOfTheNameIsTried) {
  auto options = World::default_options();
  options.trunks = {
      {.uri = "sip:carrier.example:5060", .register_as = "sip:line7@carrier.example"}};
  auto& node = world.add_node("10.0.0.1", options);
  node.core.set_dns(&names);
  node.core.start_trunks();
  EXPECT_EQ(status(node).trouble, "its name is not found");
  names.addresses["carrier.example"] = {"198.51.100.1", "198.51.100.2"};
  world.advance(seconds{38});
  answer(node, next_register(first), 503);
  const auto again = next_register(second);
  EXPECT_THAT(first.take(), IsEmpty());
  world.send(second, node, respond(again, 200, "gw"));
  EXPECT_EQ(status(node).ends_in, seconds{3600});
  // Taken back where it was made.
  node.core.start_draining();
  world.settle();
  EXPECT_EQ(parsed(next_register(second)).header(HeaderId::expires), "0");
  EXPECT_THAT(first.take(), IsEmpty());
}

TEST_F(TrunkRegistrationTest, IsTakenBackWhenThePeerLeaves) {
  auto& node = registered();
  node.core.start_draining();
  world.settle();
  const auto last = next_register(first);
  EXPECT_EQ(parsed(last).header(HeaderId::expires), "0");
  EXPECT_FALSE(node.core.drained());
  answer(node, last, 401,
         {"WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n\", qop=\"auth\""});
  const auto again = next_register(first);
  EXPECT_EQ(parsed(again).header(HeaderId::expires), "0");
  answer(node, again, 200);
  EXPECT_TRUE(node.core.drained());
  EXPECT_EQ(status(node).ends_in, seconds{0});
  world.advance(seconds{4000});
  EXPECT_THAT(first.inbox, IsEmpty());
}

TEST_F(TrunkRegistrationTest, OneUnderWayIsTakenBackAfterItsAnswer) {
  auto& node = node_that_registers();
  const auto one = next_register(first);
  node.core.start_draining();
  world.settle();
  EXPECT_THAT(first.inbox, IsEmpty());
  answer(node, one, 200);
  const auto last = next_register(first);
  EXPECT_EQ(parsed(last).header(HeaderId::expires), "0");
  answer(node, last, 500);
  world.advance(seconds{4000});
  EXPECT_THAT(first.inbox, IsEmpty());
}

TEST_F(TrunkRegistrationTest, WhoWasNotRegisteredJustLeaves) {
  auto& node = node_that_registers();
  answer(node, next_register(first), 403);
  node.core.start_draining();
  world.advance(seconds{4000});
  EXPECT_THAT(first.inbox, IsEmpty());
}

TEST_F(TrunkRegistrationTest, AProxyOnTheWayGetsARoute) {
  node_that_registers("sip:198.51.100.1;lr", "sip:line7@carrier.example");
  const auto message = parsed(next_register(first));
  EXPECT_EQ(message.request_uri(), "sip:carrier.example");
  EXPECT_EQ(message.header(HeaderId::route), "<sip:198.51.100.1;lr>");
}

TEST_F(TrunkRegistrationTest, OthersAreNotRegisteredAt) {
  node_with({"sip:198.51.100.1"}).core.start_trunks();
  world.advance(seconds{100});
  EXPECT_THAT(first.inbox, IsEmpty());
}

TEST_F(TrunkRegistrationTest, CallsThatComeInReachTheUserOfThisName) {
  auto& node = registered();
  world.credentials.add("+4930555@example.org", "secret");
  auto& phone = world.add_phone("192.0.2.7");
  ASSERT_EQ(world.register_phone(phone, node, "+4930555", "<sip:bob@192.0.2.7>").status(), 200);
  // To the contact that we gave; from a number that is none of ours.
  world.send(first, node,
             lines({"INVITE sip:+4930555@10.0.0.1:5060 SIP/2.0",
                    "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKin;rport", "Max-Forwards: 70",
                    "From: <sip:+4930999@carrier.example;user=phone>;tag=f",
                    "To: <sip:+4930555@carrier.example>", "Call-ID: in", "CSeq: 1 INVITE",
                    "Contact: <sip:198.51.100.1>"}));
  const auto invite = phone.take();
  EXPECT_THAT(invite, StartsWith("INVITE sip:bob@192.0.2.7 SIP/2.0\r\n"));
  world.send(phone, node, respond(invite, 200, "b"));
  EXPECT_EQ(first.take_message().status(), 100);
  EXPECT_EQ(first.take_message().status(), 200);
}

}  // namespace
}  // namespace carillon::sip
