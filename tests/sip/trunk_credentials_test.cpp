#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/digest.hpp"
#include "sip/trunk_case.hpp"

// Trunks that ask for a password (RFC 3261, 22): the peer answers, not the caller's phone.

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
using testing::Not;
using testing::StartsWith;

const std::string called = "sip:+4930123@example.org";

std::string challenge(const std::string& nonce, const std::string& algorithm = "MD5",
                      const std::string& more = ", qop=\"auth\"") {
  return "Digest realm=\"carrier.example\", nonce=\"" + nonce + "\", algorithm=" + algorithm + more;
}

class TrunkCredentialsTest : public TrunkTest {
 protected:
  TrunkCredentialsTest() : node(make_node()) {}
  Node& make_node() {
    auto options = World::default_options();
    options.trunks = {{.uri = "sip:198.51.100.1", .login = {"line7", "open sesame"}},
                      {.uri = "sip:198.51.100.2"}};
    return world.add_node("10.0.0.1", options);
  }
  /// The request as it arrived, answered with a challenge.
  std::string challenge_it(Phone& gateway, const std::string& header, int status = 407) {
    auto request = gateway.take();
    const std::string name = status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate";
    world.send(gateway, node, respond(request, status, "gw", {name + ": " + header}));
    return request;
  }
  /// The request after the ACK for the challenge.
  static std::string next_request(Phone& gateway) {
    auto text = gateway.take();
    if (text.starts_with("ACK ")) text = gateway.take();
    return text;
  }
  static bool fits(const std::string& request, HeaderId header = HeaderId::proxy_authorization) {
    const auto message = parsed(request);
    const auto credentials = DigestCredentials::parse(message.header(header));
    if (!credentials || message.count(header) != 1) return false;
    EXPECT_EQ(credentials->uri, message.request_uri());
    EXPECT_EQ(credentials->username, "line7");
    return digest_fits(*credentials, make_credential("line7@carrier.example", "open sesame"),
                       message.method_text());
  }
  /// A request of alice's in the dialog that `answer` made.
  std::string in_dialog(const SipMessage& answer, const std::string& method,
                        const std::string& to = "198.51.100.1") {
    std::string routes;
    for (std::size_t i = answer.count(HeaderId::record_route); i-- > 0;)
      routes += "Route: " + std::string{answer.header(HeaderId::record_route, i)} + "\r\n";
    return lines({method + " sip:gw@" + to + " SIP/2.0",
                  routes + "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKin" + method + ";rport",
                  "Max-Forwards: 70", "From: " + std::string{answer.header(HeaderId::from)},
                  "To: " + std::string{answer.header(HeaderId::to)},
                  "Call-ID: " + std::string{answer.header(HeaderId::call_id)},
                  "CSeq: 9 " + method});
  }
  SipMessage last_message() {
    auto message = alice.take_message();
    while (!alice.inbox.empty())
      message = alice.take_message();
    return message;
  }

  Node& node;
};

TEST_F(TrunkCredentialsTest, AChallengeIsAnsweredInThePlaceOfTheCaller) {
  for (const int status : {401, 407}) {
    for (const auto* algorithm : {"MD5", "SHA-256", "SHA-512-256"}) {
      first.inbox.clear();
      call(node, called);
      const auto invite = challenge_it(first, challenge("n1", algorithm), status);
      EXPECT_THAT(first.take(), StartsWith("ACK "));
      const auto again = first.take();
      EXPECT_TRUE(
          fits(again, status == 407 ? HeaderId::proxy_authorization : HeaderId::authorization))
          << again;
      EXPECT_THAT(again, HasSubstr("nc=00000001"));
      // Another transaction; as to the rest, the caller's request.
      EXPECT_NE(parsed(invite).header(HeaderId::via), parsed(again).header(HeaderId::via));
      EXPECT_EQ(parsed(invite).header(HeaderId::cseq), parsed(again).header(HeaderId::cseq));
      EXPECT_EQ(parsed(invite).request_uri(), parsed(again).request_uri());
      world.send(first, node, respond(again, 180, "gw"));
      world.send(first, node, respond(again, 200, "gw"));
      EXPECT_EQ(last_status(), 200);
    }
  }
  EXPECT_EQ(node.core.counters().trunk_answers, 6U);
  EXPECT_EQ(node.core.counters().trunk_failures, 0U);
}

TEST_F(TrunkCredentialsTest, EachAnswerHasACnonceOfItsOwn) {
  call(node, called);
  challenge_it(first, challenge("n1"));
  const auto one = next_request(first);
  call(node, called);
  challenge_it(first, challenge("n1"));
  const auto two = next_request(first);
  const auto cnonce = [](const std::string& text) {
    return DigestCredentials::parse(parsed(text).header(HeaderId::proxy_authorization))->cnonce;
  };
  EXPECT_GE(cnonce(one).size(), 32U);
  EXPECT_NE(cnonce(one), cnonce(two));
}

TEST_F(TrunkCredentialsTest, OtherRequestsAreAnsweredForToo) {
  world.send_authenticated(alice, node, request(called, {}, "MESSAGE"), "alice");
  challenge_it(first, challenge("n1", "SHA-256", ""), 401);
  const auto again = next_request(first);
  EXPECT_THAT(again, StartsWith("MESSAGE "));
  EXPECT_TRUE(fits(again, HeaderId::authorization)) << again;
  world.send(first, node, respond(again, 202, "gw"));
  EXPECT_EQ(last_status(), 202);
}

TEST_F(TrunkCredentialsTest, WhatThePhoneHasForTheTrunkIsReplaced) {
  call(node, called,
       "Proxy-Authorization: Digest username=\"x\", realm=\"carrier.example\", "
       "nonce=\"n\", uri=\"u\", response=\"r\"");
  challenge_it(first, challenge("n1"));
  EXPECT_TRUE(fits(next_request(first)));
}

TEST_F(TrunkCredentialsTest, WrongCredentialsEndItAndTheCallerHearsNoChallenge) {
  call(node, called);
  challenge_it(first, challenge("n1"));
  const auto again = next_request(first);
  world.send(first, node, respond(again, 407, "gw", {"Proxy-Authenticate: " + challenge("n2")}));
  EXPECT_THAT(first.take(), StartsWith("ACK "));
  EXPECT_TRUE(first.inbox.empty());
  // As with any trunk that fails, the next one is tried; to it nothing is shown.
  const auto other = second.take();
  EXPECT_THAT(other, StartsWith("INVITE "));
  EXPECT_THAT(other, Not(HasSubstr("uthorization")));
  // It asks, too, and there is no password for it.
  world.send(second, node, respond(other, 401, "gw", {"WWW-Authenticate: " + challenge("n3")}));
  const auto told = last_message();
  EXPECT_EQ(told.status(), 502);
  EXPECT_FALSE(told.has(HeaderId::proxy_authenticate));
  EXPECT_FALSE(told.has(HeaderId::www_authenticate));
  EXPECT_EQ(node.core.counters().trunk_answers, 1U);
  EXPECT_EQ(node.core.counters().trunk_refusals, 2U);
  EXPECT_EQ(node.core.counters().trunk_failures, 2U);
  for (const auto& notice : node.notices)
    EXPECT_THAT(notice, Not(HasSubstr("sesame")));
  EXPECT_THAT(node.notices, testing::Contains(HasSubstr("does not take our user name")));
  EXPECT_THAT(node.notices, testing::Contains(HasSubstr("none is set")));
}

TEST_F(TrunkCredentialsTest, AStaleNonceIsAnsweredOnceMore) {
  call(node, called);
  challenge_it(first, challenge("n1"));
  for (int i = 0; i < 2; ++i) {
    const auto again = next_request(first);
    ASSERT_TRUE(fits(again)) << i;
    world.send(first, node,
               respond(again, 407, "gw",
                       {"Proxy-Authenticate: " +
                        challenge("m" + std::to_string(i), "MD5", ", qop=\"auth\", stale=true")}));
  }
  // Not for ever.
  EXPECT_THAT(first.take(), StartsWith("ACK "));
  EXPECT_TRUE(first.inbox.empty());
  EXPECT_THAT(second.take(), StartsWith("INVITE "));
  EXPECT_EQ(node.core.counters().trunk_answers, 2U);
}

TEST_F(TrunkCredentialsTest, AChallengeThatCannotBeReadIsAFailure) {
  for (const auto& bad : {std::string{"Digest realm=\"carrier.example"}, challenge("n", "SHA-3"),
                          std::string{"Basic realm=\"carrier.example\""},
                          challenge("n", "MD5", ", qop=\"auth-int\"")}) {
    world.advance(seconds{60});
    first.inbox.clear();
    call(node, called);
    challenge_it(first, bad);
    EXPECT_THAT(first.take(), StartsWith("ACK ")) << bad;
    EXPECT_TRUE(first.inbox.empty()) << bad;
    const auto other = second.take();
    ASSERT_THAT(other, StartsWith("INVITE ")) << bad;
    world.send(second, node, respond(other, 603, "gw"));
    second.inbox.clear();
    EXPECT_EQ(last_status(), 603);
  }
  EXPECT_EQ(node.core.counters().trunk_answers, 0U);
}

TEST_F(TrunkCredentialsTest, AHugeNonceIsNotTaken) {
  call(node, called);
  const auto invite = challenge_it(first, challenge(std::string(3000, 'x')));
  EXPECT_TRUE(fits(next_request(first)));
  call(node, called);
  first.inbox.clear();
  call(node, called);
  // Longer than any header may be: as if nothing had come.
  challenge_it(first, challenge(std::string(5000, 'x')));
  EXPECT_TRUE(first.inbox.empty());
  EXPECT_TRUE(second.inbox.empty());
  world.advance(seconds{5});
  EXPECT_THAT(second.take(), StartsWith("INVITE "));
}

TEST_F(TrunkCredentialsTest, NothingIsAnsweredForAPhone) {
  auto& phone = world.add_phone("192.0.2.7");
  ASSERT_EQ(world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.7>").status(), 200);
  call(node, "sip:bob@example.org");
  challenge_it(phone, challenge("n1"));
  EXPECT_EQ(last_status(), 407);
  EXPECT_EQ(node.core.counters().trunk_answers, 0U);
}

TEST_F(TrunkCredentialsTest, ACallThatIsCancelledMeanwhileIsOver) {
  world.send_authenticated(alice, node, request(called), "alice");
  const auto invite = first.take();
  const auto seen = parsed(invite);
  auto cancel = SipMessage::request("CANCEL", called);
  cancel.append(HeaderId::via, seen.header(HeaderId::via, 1));
  for (const auto id : {HeaderId::from, HeaderId::to, HeaderId::call_id})
    cancel.append(id, seen.header(id));
  cancel.append(HeaderId::cseq, std::to_string(seen.cseq()->number) + " CANCEL");
  world.send(alice, node, cancel.serialize());
  world.send(first, node, respond(invite, 407, "gw", {"Proxy-Authenticate: " + challenge("n1")}));
  EXPECT_THAT(first.take(), StartsWith("ACK "));
  EXPECT_TRUE(first.inbox.empty());
  EXPECT_TRUE(second.inbox.empty());
  EXPECT_EQ(last_status(), 487);
}

TEST_F(TrunkCredentialsTest, RequestsInTheDialogAreAnsweredForAtThisAddressOnly) {
  call(node, called);
  challenge_it(first, challenge("n1"));
  const auto again = next_request(first);
  world.send(first, node, respond(again, 200, "gw"));
  const auto answer = last_message();
  world.send(alice, node, in_dialog(answer, "BYE"));
  challenge_it(first, challenge("n2"));
  const auto bye = next_request(first);
  EXPECT_THAT(bye, StartsWith("BYE "));
  EXPECT_TRUE(fits(bye)) << bye;
  world.send(first, node, respond(bye, 200, "gw"));
  EXPECT_EQ(last_status(), 200);
  // Elsewhere a challenge is the phone's business.
  world.send(alice, node, in_dialog(answer, "INFO", "198.51.100.2"));
  challenge_it(second, challenge("n3"));
  EXPECT_EQ(last_status(), 407);
  EXPECT_TRUE(second.inbox.empty());
}

TEST_F(TrunkCredentialsTest, NobodyElseComesByThem) {
  // A dialog through us without an answer of ours, then a request to the trunk as if it were in it.
  auto& phone = world.add_phone("192.0.2.7");
  ASSERT_EQ(world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.7>").status(), 200);
  call(node, "sip:bob@example.org");
  world.send(phone, node, respond(phone.take(), 200, "b"));
  world.send(alice, node, in_dialog(last_message(), "INVITE"));
  challenge_it(first, challenge("n1"));
  EXPECT_THAT(first.take(), StartsWith("ACK "));
  EXPECT_TRUE(first.inbox.empty());
  EXPECT_EQ(node.core.counters().trunk_answers, 0U);
}

}  // namespace
}  // namespace carillon::sip
