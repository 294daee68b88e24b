#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "sip/flow_token.hpp"
#include "sip/name_address.hpp"
#include "sip/world.hpp"

// What phones are told of the way that a dialog takes (docs/decisions/0022).

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::World;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(FlowTokens, SayAllAndShowNothing) {
  SeededRandom random{1};
  const FlowTokens tokens{{Bytes(32, 1), Bytes(32, 2)}, "peer-a", random};
  const auto now = wall_time(1'795'000'000'000U);
  const Hop hop{Transport::udp, LocalTransportId{3}, {"192.0.2.1", 5062}, {}};
  const auto token =
      tokens.make(TokenPurpose::dialog, {hop, "bob@x", {"<sip:a;lr>", "<sip:b;lr>"}}, "c", now);
  const auto read = tokens.read(token, TokenPurpose::dialog, "c", now);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->hop, hop);
  EXPECT_EQ(read->aor, "bob@x");
  EXPECT_THAT(read->routes, testing::ElementsAre("<sip:a;lr>", "<sip:b;lr>"));
  const auto octets = from_base64url(token);
  ASSERT_TRUE(octets);
  EXPECT_THAT(std::string{as_text(*octets)}, Not(HasSubstr("192.0.2.1")));
  EXPECT_FALSE(tokens.read(token, TokenPurpose::dialog, "d", now)) << "another call's";
  EXPECT_FALSE(tokens.read(token, TokenPurpose::contact, "c", now));
  EXPECT_FALSE(
      tokens.read(token, TokenPurpose::dialog, "c", now + FlowTokens::lifetime + seconds{1}));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (from_base64url(changed) != octets) {
      EXPECT_FALSE(tokens.read(changed, TokenPurpose::dialog, "c", now));
    }
  }
  SeededRandom other{2};
  const FlowTokens strange{{Bytes(32, 1), Bytes(32, 3)}, "peer-a", other};
  EXPECT_FALSE(strange.read(token, TokenPurpose::dialog, "c", now));
}

TEST(FlowTokens, OfADialogTellAnotherPeerWhoseItIsButNotOnWhichSocket) {
  SeededRandom random{1};
  const FlowTokens one{{Bytes(32, 1), Bytes(32, 2)}, "peer-a", random};
  const FlowTokens two{{Bytes(32, 3), Bytes(32, 2)}, "peer-b", random};
  const auto now = wall_time(1'795'000'000'000U);
  const Hop hop{Transport::udp, LocalTransportId{3}, {"192.0.2.1", 5062}, {}};
  const auto read = two.read(one.make(TokenPurpose::dialog, {hop, "bob@x", {}}, "c", now),
                             TokenPurpose::dialog, "c", now);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->elsewhere);
  EXPECT_FALSE(read->hop);
  EXPECT_EQ(read->aor, "bob@x");
  const auto contact = one.make(TokenPurpose::contact, {hop, "bob@x", {}}, {}, now);
  EXPECT_FALSE(two.read(contact, TokenPurpose::contact, {}, now)) << "for its maker alone";
}

class RecordRouteTest : public testing::Test {
 protected:
  struct Dialog {
    std::string invite;  ///< As the called phone got it,
    std::string answer;  ///< and the caller the 200.
  };
  /// Alice, through one, calls bob, who hangs on a connection to two.
  Dialog call(const std::string& more = {}) {
    const auto uri = std::string{"sip:bob@example.org"};
    world.send_authenticated(
        alice, one,
        lines({"INVITE " + uri + " SIP/2.0" + (more.empty() ? "" : "\r\n" + more),
               "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKrr;rport", "Max-Forwards: 70",
               "From: <sip:alice@example.org>;tag=a", "To: <" + uri + ">", "Call-ID: rr",
               "CSeq: 1 INVITE", "Contact: <sip:alice@192.0.2.1>"}),
        "alice");
    Dialog out;
    out.invite = bob->take();
    world.send(*bob, respond(out.invite, 200, "b", {"Contact: <sip:bob@192.0.2.2:40000>"}));
    while (!alice.inbox.empty())
      out.answer = alice.take();
    return out;
  }
  static std::vector<std::string> recorded(const std::string& message) {
    const auto read = parsed(message);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < read.count(HeaderId::record_route); ++i)
      out.emplace_back(read.header(HeaderId::record_route, i));
    return out;
  }
  /// All that a phone may learn: the text, and what tokens decode to.
  static std::string all_of(const std::string& message) {
    auto text = message;
    for (const auto& value : recorded(message)) {
      const auto route = NameAddress::parse(value);
      if (!route) continue;
      if (const auto octets = from_base64url(route->uri.user)) text += as_text(*octets);
    }
    return text;
  }
  std::string request(const std::string& method, const std::string& uri,
                      const std::vector<std::string>& routes, bool from_alice) {
    auto out = SipMessage::request(method, uri);
    out.append(HeaderId::via, from_alice
                                  ? "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK" + method
                                  : "SIP/2.0/TCP 192.0.2.2:40000;branch=z9hG4bK" + method);
    out.append(HeaderId::max_forwards, "70");
    for (const auto& route : routes)
      out.append(HeaderId::route, route);
    out.append(HeaderId::from,
               from_alice ? "<sip:alice@example.org>;tag=a" : "<sip:bob@example.org>;tag=b");
    out.append(HeaderId::to,
               from_alice ? "<sip:bob@example.org>;tag=b" : "<sip:alice@example.org>;tag=a");
    out.append(HeaderId::call_id, "rr");
    out.append(HeaderId::cseq, "7 " + method);
    out.append(HeaderId::contact,
               from_alice ? "<sip:alice@192.0.2.1>" : "<sip:bob@192.0.2.2:40000>");
    return out.serialize();
  }

  void SetUp() override {
    bob = &world.connect_phone(two, "192.0.2.2", 40000);
    ASSERT_EQ(
        world.register_phone(*bob, two, "bob", "<sip:bob@192.0.2.2:40000;transport=tcp>").status(),
        200);
  }

  World world;
  Node& one = world.add_node("10.0.0.1");
  Node& two = world.add_node("10.0.0.2");
  Phone& alice = world.add_phone("192.0.2.1");
  Phone* bob{};
};

TEST_F(RecordRouteTest, EachPhoneSeesItsOwnPeerAlone) {
  const auto dialog = call();
  ASSERT_THAT(dialog.answer, StartsWith("SIP/2.0 200 "));
  ASSERT_EQ(recorded(dialog.invite).size(), 1U);
  EXPECT_THAT(recorded(dialog.invite).front(), HasSubstr("@10.0.0.2:5060;transport=tcp;lr>"));
  EXPECT_THAT(all_of(dialog.invite), Not(HasSubstr("10.0.0.1")));
  EXPECT_THAT(all_of(dialog.invite), Not(HasSubstr("peer-")));
  ASSERT_EQ(recorded(dialog.answer).size(), 1U);
  EXPECT_THAT(recorded(dialog.answer).front(), HasSubstr("@10.0.0.1:5060;lr>"));
  EXPECT_THAT(all_of(dialog.answer), Not(HasSubstr("10.0.0.2")));
  EXPECT_THAT(all_of(dialog.answer), Not(HasSubstr("peer-")));
}

TEST_F(RecordRouteTest, RequestsFindTheirWayFromEitherSideAndAgain) {
  const auto dialog = call();
  world.send(alice, one, request("ACK", "sip:bob@192.0.2.2:40000", recorded(dialog.answer), true));
  EXPECT_THAT(bob->take(), StartsWith("ACK "));
  // Bob asks anew: what is recorded then shows no more.
  world.send(*bob, request("INVITE", "sip:alice@192.0.2.1", recorded(dialog.invite), false));
  const auto again = alice.take();
  ASSERT_THAT(again, StartsWith("INVITE "));
  EXPECT_EQ(parsed(again).count(HeaderId::route), 0U);
  ASSERT_EQ(recorded(again).size(), 1U);
  EXPECT_THAT(recorded(again).front(), HasSubstr("@10.0.0.1:5060;lr>"));
  EXPECT_THAT(all_of(again), Not(HasSubstr("10.0.0.2")));
  world.send(alice, one, respond(again, 200, "", {"Contact: <sip:alice@192.0.2.1>"}));
  std::string ok;
  while (!bob->inbox.empty())
    ok = bob->take();
  ASSERT_EQ(recorded(ok).size(), 1U);
  EXPECT_THAT(all_of(ok), Not(HasSubstr("10.0.0.1")));
}

TEST_F(RecordRouteTest, WhatOthersRecordedStays) {
  const auto dialog = call("Record-Route: <sip:198.51.100.9;lr>");
  ASSERT_EQ(recorded(dialog.invite).size(), 2U);
  EXPECT_EQ(recorded(dialog.invite).back(), "<sip:198.51.100.9;lr>");
  ASSERT_EQ(recorded(dialog.answer).size(), 2U);
  EXPECT_EQ(recorded(dialog.answer).back(), "<sip:198.51.100.9;lr>");
}

TEST_F(RecordRouteTest, APhoneThatRecordsNothingGetsNothing) {
  const auto dialog = call();
  auto answer = respond(dialog.invite, 200, "c", {"Contact: <sip:bob@192.0.2.2:40000>"});
  while (answer.find("Record-Route") != std::string::npos) {
    const auto at = answer.find("Record-Route");
    answer.erase(at, answer.find("\r\n", at) + 2 - at);
  }
  world.send(*bob, answer);
  EXPECT_EQ(alice.take_message().count(HeaderId::record_route), 0U);
}

TEST_F(RecordRouteTest, ASealIsGoodForItsCallOnly) {
  const auto dialog = call();
  auto bye = request("BYE", "sip:bob@192.0.2.2:40000", recorded(dialog.answer), true);
  bye.replace(bye.find("Call-ID: rr"), 11, "Call-ID: xx");
  world.send(alice, one, bye);
  EXPECT_EQ(alice.take_message().status(), 403);
  EXPECT_TRUE(bob->inbox.empty());
}

TEST_F(RecordRouteTest, TheSealHoldsOverARestartOfTheCallersPeer) {
  // As a dialog between phones that need no flow: the key is all that is kept.
  auto options = World::default_options();
  options.overlay_secret = Bytes(32, 9);
  auto& before = world.add_node("10.0.0.3", options);
  world.send_authenticated(
      alice, before,
      lines({"INVITE sip:bob@example.org SIP/2.0",
             "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKrs;rport", "Max-Forwards: 70",
             "From: <sip:alice@example.org>;tag=a", "To: <sip:bob@example.org>", "Call-ID: rr",
             "CSeq: 1 INVITE", "Contact: <sip:alice@192.0.2.1>"}),
      "alice");
  world.send(*bob, respond(bob->take(), 200, "b", {"Contact: <sip:bob@192.0.2.2:40000>"}));
  std::string answer;
  while (!alice.inbox.empty())
    answer = alice.take();
  SeededRandom random{77};
  const FlowTokens after{{{}, Bytes(32, 9)}, "peer-10.0.0.3", random};
  const auto route = NameAddress::parse(recorded(answer).front());
  const auto read = after.read(route->uri.user, TokenPurpose::dialog, "rr", world.now.wall);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->routes.size(), 1U);
  EXPECT_THAT(read->routes.front(),
              HasSubstr("@10.0.0.2:5061;transport=tls;peer-id=peer-10.0.0.2"));
}

}  // namespace
}  // namespace carillon::sip
