#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/phone_number.hpp"
#include "sip/trunk_case.hpp"
#include "sip/trunks.hpp"

// Numbers (RFC 3966) and the next hops for them.

namespace carillon::sip {
namespace {

using test::parsed;
using test::respond;
using test::TrunkTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(PhoneNumber, IsTold) {
  for (const auto* number : {"+4930123", "030123", "+1-201-555.0123", "(030)123", "*21#0123",
                             "7042;phone-context=example.org"}) {
    EXPECT_TRUE(is_phone_number(number)) << number;
  }
  for (const auto* name : {"", "+", "alice", "4x4", "+49*1", "-", ";1", "1 2", "+49+1"}) {
    EXPECT_FALSE(is_phone_number(name)) << name;
  }
}

TEST(PhoneNumber, TelUriIsTakenApart) {
  const auto tel = TelUri::parse("TEL:+1-(201)555.0123;Phone-Context=Example.ORG;ext=7");
  ASSERT_TRUE(tel);
  EXPECT_EQ(tel->number, "+12015550123");
  EXPECT_EQ(tel->context, "example.org");
  EXPECT_EQ(tel->params, ";ext=7");
  EXPECT_EQ(tel->user("example.org"), "+12015550123;ext=7");
  EXPECT_EQ(tel->user("example.net"), "+12015550123;ext=7;phone-context=example.org");
  for (const auto* bad : {"tel:", "tel:x", "sip:1", "tel:1;", "tel:1;;a=b", "tel:1;a=<", "tel:1@h",
                          "tel:1;a=\"x\"", "te"}) {
    EXPECT_FALSE(TelUri::parse(bad)) << bad;
  }
}

TEST(PhoneNumber, UserIsEscaped) {
  EXPECT_EQ(escaped_user("*21#"), "*21%23");
  EXPECT_EQ(escaped_user("a b@c:d"), "a%20b%40c%3Ad");
  EXPECT_EQ(escaped_user("+49;x=1"), "+49;x=1");
}

TEST(TrunkRule, IsChecked) {
  for (const auto* rule : {"numbers", "everything", "+49", "00", "*"})
    EXPECT_TRUE(is_trunk_rule(rule)) << rule;
  for (const auto* rule : {"", "all", "4+9", "+49x"})
    EXPECT_FALSE(is_trunk_rule(rule)) << rule;
}

TEST_F(TrunkTest, ANumberThatNobodyHasGoesThereAsGatewaysWantIt) {
  auto& node = node_with({"sip:198.51.100.1"});
  call(node, "sip:+4930123@example.org");
  const auto invite = first.take();
  EXPECT_THAT(invite, StartsWith("INVITE sip:+4930123@198.51.100.1;user=phone SIP/2.0\r\n"));
  EXPECT_THAT(invite, HasSubstr("Record-Route: <sip:"));
  EXPECT_THAT(invite, Not(HasSubstr("Proxy-Authorization")));
  world.send(first, node, respond(invite, 486, "gw"));
  EXPECT_EQ(last_status(), 486);
  first.inbox.clear();
  call(node, "sip:030123@example.org");
  EXPECT_EQ(uri_at(first), "sip:030123@198.51.100.1");
  call(node, "sip:*21%23@example.org;user=phone");
  EXPECT_EQ(uri_at(first), "sip:*21%23@198.51.100.1;user=phone");
  EXPECT_EQ(node.core.counters().trunk_requests, 3U);
}

TEST_F(TrunkTest, UsersOfOursAreCalledHereWhateverTheirNameIs) {
  auto& node = node_with({"sip:198.51.100.1"});
  world.credentials.add("7042@example.org", "secret");
  EXPECT_EQ(status_of(node, "sip:7042@example.org"), 480);
  auto& phone = world.add_phone("192.0.2.7");
  ASSERT_EQ(world.register_phone(phone, node, "7042", "<sip:7042@192.0.2.7>").status(), 200);
  call(node, "sip:70-42@example.org;user=phone");
  EXPECT_EQ(uri_at(phone), "sip:7042@192.0.2.7");
  call(node, "tel:7042;phone-context=example.org");
  EXPECT_EQ(uri_at(phone), "sip:7042@192.0.2.7");
  EXPECT_TRUE(first.inbox.empty());
}

TEST_F(TrunkTest, OnlyWhatItIsForGoesThere) {
  auto& node = node_with({"sip:198.51.100.1"}, {"+49", "00"});
  EXPECT_EQ(status_of(node, "sip:+3312345@example.org"), 404);
  EXPECT_EQ(status_of(node, "sip:nobody@example.org"), 404);
  EXPECT_TRUE(first.inbox.empty());
  call(node, "sip:004930123@example.org");
  EXPECT_EQ(uri_at(first), "sip:004930123@198.51.100.1");
}

TEST_F(TrunkTest, EverythingMayGoThere) {
  auto& node = node_with({"sip:198.51.100.1:5070;transport=udp"}, {"everything"});
  call(node, "sip:nobody@example.org");
  auto& at = world.add_phone("198.51.100.1", 5070);
  call(node, "sip:nobody@example.org");
  EXPECT_EQ(uri_at(at), "sip:nobody@198.51.100.1:5070;transport=udp");
}

TEST_F(TrunkTest, AProxyOnTheWayGetsARoute) {
  auto& node = node_with({"sip:198.51.100.1;lr"});
  call(node, "sip:+4930123@example.org");
  const auto invite = first.take_message();
  EXPECT_EQ(invite.request_uri(), "sip:+4930123@example.org");
  EXPECT_EQ(invite.header(HeaderId::route), "<sip:198.51.100.1;lr>");
}

TEST_F(TrunkTest, TelIsANumberOfTheCallersDomain) {
  auto& node = node_with({"sip:198.51.100.1"});
  call(node, "tel:+49-30-123");
  EXPECT_EQ(uri_at(first), "sip:+4930123@198.51.100.1;user=phone");
  call(node, "tel:123;phone-context=+4930");
  EXPECT_EQ(uri_at(first), "sip:123;phone-context=+4930@198.51.100.1;user=phone");
  world.send(alice, node, request("tel:x"));
  EXPECT_EQ(last_status(), 400);
  world.send(alice, node, request("tel:1", {}, "REGISTER"));
  EXPECT_EQ(last_status(), 416);
}

TEST_F(TrunkTest, NobodyElseGetsThere) {
  auto& node = node_with({"sip:198.51.100.1"});
  // Without credentials.
  world.send(alice, node, request("sip:+4930123@example.org"));
  EXPECT_EQ(last_status(), 407);
  // A stranger.
  world.send(alice, node, request("sip:+4930123@example.org", {}, "INVITE", "mallory@example.net"));
  EXPECT_EQ(last_status(), 404);
  // From nobody at all; tel: in From is no user of ours.
  auto text = request("sip:+4930123@example.org");
  text.replace(text.find("<sip:alice@example.org>"), 23, "<tel:+4930999>");
  world.send(alice, node, text);
  EXPECT_EQ(last_status(), 404);
  // In another's name, with one's own password.
  world.send_authenticated(
      alice, node, request("sip:+4930123@example.org", {}, "INVITE", "bob@example.org"), "alice");
  EXPECT_EQ(last_status(), 403);
  // A Route to the gateway.
  world.send_authenticated(
      alice, node, request("sip:+4930123@198.51.100.1", "Route: <sip:198.51.100.1;lr>"), "alice");
  EXPECT_EQ(last_status(), 403);
  EXPECT_TRUE(first.inbox.empty());
}

TEST_F(TrunkTest, WhatComesFromTheGatewayDoesNotGoBack) {
  auto& node = node_with({"sip:198.51.100.1", "sip:198.51.100.2"}, {"numbers"}, "198.51.100.1");
  auto text = request("sip:+4930123@example.org", {}, "INVITE", "+4930999@198.51.100.1");
  text.replace(text.find("192.0.2.1:5060"), 14, "198.51.100.1:5060");
  world.send(first, node, text);
  // The other one may have it: the gateway is trusted.
  EXPECT_THAT(second.take(), StartsWith("INVITE "));
  while (!first.inbox.empty())
    EXPECT_THAT(first.take(), StartsWith("SIP/2.0 "));
}

TEST_F(TrunkTest, ALoopEnds) {
  auto& node = node_with({"sip:198.51.100.1"}, {"numbers"}, "198.51.100.2");
  call(node, "sip:+4930123@example.org");
  // The gateway hands the call on to a server that we trust, which brings it back.
  auto back = first.take();
  back.replace(back.find("sip:+4930123@198.51.100.1"), 25, "sip:+4930123@example.org");
  back.replace(back.find("Via: "), 5,
               "Via: SIP/2.0/UDP 198.51.100.2:5060;branch=z9hG4bKback;rport\r\nVia: ");
  world.send(second, node, back);
  EXPECT_EQ(second.take_message().status(), 100);
  EXPECT_EQ(second.take_message().status(), 482);
  EXPECT_TRUE(first.inbox.empty());
}

TEST_F(TrunkTest, TheNextOneIsTriedWhenOneFails) {
  auto& node = node_with({"sip:198.51.100.1", "sip:198.51.100.2"});
  call(node, "sip:+4930123@example.org");
  world.send(first, node, respond(first.take(), 503, "gw"));
  first.inbox.clear();
  const auto invite = second.take();
  EXPECT_THAT(invite, StartsWith("INVITE sip:+4930123@198.51.100.2;user=phone "));
  // What the callee says is no failure.
  world.send(second, node, respond(invite, 404, "gw"));
  EXPECT_EQ(last_status(), 404);
  second.inbox.clear();
  // For a while the second is the first.
  call(node, "sip:+4930124@example.org");
  world.send(second, node, respond(second.take(), 486, "gw"));
  EXPECT_EQ(last_status(), 486);
  EXPECT_TRUE(first.inbox.empty());
  second.inbox.clear();
  world.advance(seconds{31});
  call(node, "sip:+4930125@example.org");
  EXPECT_FALSE(first.inbox.empty());
  EXPECT_EQ(node.core.counters().trunk_failures, 1U);
}

TEST_F(TrunkTest, ASilentOneIsNotWaitedFor) {
  auto& node = node_with({"sip:198.51.100.1", "sip:198.51.100.2"});
  call(node, "sip:+4930123@example.org");
  const auto late = first.take();
  world.advance(seconds{3});
  EXPECT_TRUE(second.inbox.empty());
  world.advance(seconds{2});
  const auto invite = second.take();
  EXPECT_THAT(invite, StartsWith("INVITE "));
  world.send(second, node, respond(invite, 180, "b"));
  // It wakes up: it must not ring, too.
  first.inbox.clear();
  world.send(first, node, respond(late, 180, "a"));
  const auto cancel = first.take();
  EXPECT_THAT(cancel, StartsWith("CANCEL "));
  world.send(first, node, respond(cancel, 200, "a"));
  world.send(first, node, respond(late, 487, "a"));
  EXPECT_EQ(last_status(), 180);
  world.send(second, node, respond(invite, 200, "b"));
  EXPECT_EQ(last_status(), 200);
}

TEST_F(TrunkTest, AloneItIsWaitedForAndAllFailingIsTold) {
  auto& node = node_with({"sip:198.51.100.1", "sip:198.51.100.2"});
  call(node, "sip:+4930123@example.org");
  world.send(first, node, respond(first.take(), 503, "gw"));
  world.send(second, node, respond(second.take(), 500, "gw"));
  EXPECT_GE(last_status(), 500);
}

TEST_F(TrunkTest, CancelEndsTheSearch) {
  auto& node = node_with({"sip:198.51.100.1", "sip:198.51.100.2"});
  world.send_authenticated(alice, node, request("sip:+4930123@example.org"), "alice");
  const auto invite = first.take();
  world.send(first, node, respond(invite, 180, "gw"));
  auto cancel = parsed(invite);
  auto text = SipMessage::request("CANCEL", "sip:+4930123@example.org");
  text.append(HeaderId::via, cancel.header(HeaderId::via, 1));
  for (const auto id : {HeaderId::from, HeaderId::to, HeaderId::call_id})
    text.append(id, cancel.header(id));
  text.append(HeaderId::cseq, std::to_string(cancel.cseq()->number) + " CANCEL");
  world.send(alice, node, text.serialize());
  const auto cancelled = first.take();
  EXPECT_THAT(cancelled, StartsWith("CANCEL "));
  world.send(first, node, respond(invite, 487, "gw"));
  EXPECT_EQ(last_status(), 487);
  EXPECT_TRUE(second.inbox.empty());
}

}  // namespace
}  // namespace carillon::sip
