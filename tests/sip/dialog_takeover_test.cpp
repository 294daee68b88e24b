#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/world.hpp"

// Calls outlive the peers that carry them (docs/decisions/0025).

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::World;
using testing::HasSubstr;
using testing::StartsWith;

/// One end of a call: a phone, and what it knows of the dialog.
struct End {
  Phone* phone{};
  std::string user{};
  std::string contact{};  ///< Its own.
  std::vector<std::string> routes{};
};

class DialogTakeoverTest : public testing::Test {
 protected:
  static std::vector<std::string> recorded(const SipMessage& message, bool reversed) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < message.count(HeaderId::record_route); ++i)
      out.emplace_back(message.header(HeaderId::record_route, i));
    if (reversed) std::ranges::reverse(out);
    return out;
  }

  static std::string via(const End& from, const std::string& branch) {
    const bool tcp = from.phone->flow != FlowId::none;
    return "SIP/2.0/" + std::string{tcp ? "TCP " : "UDP "} + from.phone->address.text() +
           ";rport;branch=z9hG4bK" + branch;
  }

  /// Alice calls bob; both ends know their route sets then.
  void call(Node& at) {
    world.send_authenticated(
        *alice.phone, at,
        lines({"INVITE sip:bob@example.org SIP/2.0", "Via: " + via(alice, "invite"),
               "Max-Forwards: 70", "From: <sip:alice@example.org>;tag=a",
               "To: <sip:bob@example.org>", "Call-ID: to", "CSeq: 1 INVITE",
               "Contact: <" + alice.contact + ">"}),
        "alice");
    const auto invite = bob.phone->take();
    ASSERT_THAT(invite, StartsWith("INVITE "));
    bob.routes = recorded(parsed(invite), false);
    world.send(*bob.phone, *served_by(bob, two),
               respond(invite, 200, "b", {"Contact: <" + bob.contact + ">"}));
    SipMessage answer = alice.phone->take_message();
    while (!alice.phone->inbox.empty())
      answer = alice.phone->take_message();
    ASSERT_EQ(answer.status(), 200);
    alice.routes = recorded(answer, true);
    ASSERT_FALSE(alice.routes.empty());
    say(alice, at, "ACK");
    ASSERT_THAT(bob.phone->take(), StartsWith("ACK "));
  }

  [[nodiscard]] static Node* served_by(const End& end, Node& otherwise) {
    return end.phone->node != nullptr ? end.phone->node : &otherwise;
  }

  /// A request of the dialog, from this end, by way of `at`.
  void say(const End& from, Node& at, const std::string& method) {
    const auto& other = from.user == "alice" ? bob : alice;
    auto out = SipMessage::request(method, other.contact);
    out.append(HeaderId::via, via(from, method + std::to_string(++said)));
    out.append(HeaderId::max_forwards, "70");
    for (const auto& route : from.routes)
      out.append(HeaderId::route, route);
    const auto party = [](const std::string& user) {
      return "<sip:" + user + "@example.org>;tag=" + user.substr(0, 1);
    };
    out.append(HeaderId::from, party(from.user));
    out.append(HeaderId::to, party(other.user));
    out.append(HeaderId::call_id, "to");
    out.append(HeaderId::cseq, std::to_string(10 + said) + " " + method);
    out.append(HeaderId::contact, "<" + from.contact + ">");
    world.send(*from.phone, at, out.serialize());
  }

  /// The other end gets `method` and answers, and the answer comes back.
  void expect_heard(const End& by, Node& at, const End& from, const std::string& method) {
    const auto request = by.phone->take();
    ASSERT_THAT(request, StartsWith(method + " ")) << "at " << by.user;
    EXPECT_EQ(parsed(request).count(HeaderId::route), 0U) << request;
    world.send(*by.phone, *served_by(by, at), respond(request, 200, ""));
    auto answer = from.phone->take_message();
    while (!from.phone->inbox.empty())
      answer = from.phone->take_message();
    EXPECT_EQ(answer.status(), 200);
  }

  /// Another connection, to another peer, where it registers anew: what a phone does whose peer
  /// has gone.
  void reconnect(End& end, Node& at, std::uint16_t port) {
    end.phone = &world.connect_phone(at, end.phone->address.host, port);
    ASSERT_EQ(world.register_phone(*end.phone, at, end.user, "<" + end.contact + ">").status(),
              200);
  }

  void connect(End& end, Node& at) {
    end.phone = &world.connect_phone(at, end.user == "alice" ? "192.0.2.1" : "192.0.2.2", 40000);
    end.contact = "sip:" + end.user + "-x7@" + end.phone->address.text() + ";transport=tcp";
    ASSERT_EQ(world.register_phone(*end.phone, at, end.user, "<" + end.contact + ">").status(),
              200);
  }
  void stand_open(End& end, Node& at) {
    end.phone = &world.add_phone(end.user == "alice" ? "192.0.2.1" : "192.0.2.2");
    end.contact = "sip:" + end.user + "@" + end.phone->address.host;
    ASSERT_EQ(world.register_phone(*end.phone, at, end.user, "<" + end.contact + ">").status(),
              200);
  }

  World world;
  Node& one = world.add_node("10.0.0.1");
  Node& two = world.add_node("10.0.0.2");
  Node& three = world.add_node("10.0.0.3");
  End alice{nullptr, "alice", {}, {}};
  End bob{nullptr, "bob", {}, {}};
  int said{0};
};

TEST_F(DialogTakeoverTest, TheCalledPhonesPeerDiesAndThePhoneIsFoundWhereItIsNow) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.kill(two);
  reconnect(bob, three, 40001);
  say(alice, one, "INFO");
  expect_heard(bob, three, alice, "INFO");
  EXPECT_EQ(one.core.counters().taken_over, 1U);
  say(alice, one, "BYE");
  expect_heard(bob, three, alice, "BYE");
}

TEST_F(DialogTakeoverTest, AnAckFindsThePhoneThatMovedToo) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.kill(two);
  reconnect(bob, three, 40001);
  say(alice, one, "INVITE");
  expect_heard(bob, three, alice, "INVITE");
  say(alice, one, "ACK");
  EXPECT_THAT(bob.phone->take(), StartsWith("ACK "));
}

TEST_F(DialogTakeoverTest, TheCallersPeerDiesAndAnyOtherServesTheDialog) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.kill(one);
  say(bob, two, "INFO");  // No flow is needed: straight to her contact.
  expect_heard(alice, two, bob, "INFO");
  say(alice, three, "BYE");  // Where DNS leads her next.
  expect_heard(bob, two, alice, "BYE");
}

TEST_F(DialogTakeoverTest, BothOnConnectionsToOnePeerThatDies) {
  connect(alice, one);
  connect(bob, one);
  call(one);
  world.kill(one);
  reconnect(alice, two, 40001);
  reconnect(bob, three, 40002);
  say(bob, three, "INFO");
  expect_heard(alice, two, bob, "INFO");
  say(alice, two, "BYE");
  expect_heard(bob, three, alice, "BYE");
}

TEST_F(DialogTakeoverTest, BothPeersDie) {
  connect(alice, one);
  connect(bob, two);
  call(one);
  world.kill(one);
  world.kill(two);
  reconnect(alice, three, 40001);
  reconnect(bob, three, 40002);
  say(alice, three, "INFO");
  expect_heard(bob, three, alice, "INFO");
  say(bob, three, "BYE");
  expect_heard(alice, three, bob, "BYE");
}

TEST_F(DialogTakeoverTest, AFlowEndsAndThePhoneComesBackToTheSamePeer) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.disconnect(*bob.phone);
  reconnect(bob, two, 40001);
  say(alice, one, "BYE");
  expect_heard(bob, two, alice, "BYE");
  EXPECT_EQ(two.core.counters().taken_over, 1U);
  EXPECT_EQ(one.core.counters().taken_over, 0U);
}

TEST_F(DialogTakeoverTest, AnInviteHears100WhileThePhoneIsSought) {
  stand_open(alice, one);
  connect(bob, one);
  call(one);
  world.disconnect(*bob.phone);
  reconnect(bob, one, 40001);
  world.locations.hold = true;
  say(alice, one, "INVITE");
  ASSERT_EQ(alice.phone->inbox.size(), 1U);
  EXPECT_EQ(alice.phone->take_message().status(), 100);
  world.locations.hold = false;
  world.settle();
  expect_heard(bob, one, alice, "INVITE");
}

TEST_F(DialogTakeoverTest, WhoIsNowhereIsNotWaitedFor) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.disconnect(*bob.phone);
  say(alice, one, "BYE");
  EXPECT_EQ(alice.phone->take_message().status(), 480);
}

TEST_F(DialogTakeoverTest, OfSeveralPhonesTheOneThatTheDialogIsWith) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  world.kill(two);
  reconnect(bob, three, 40001);
  auto& other = world.connect_phone(three, "192.0.2.9", 40003);
  ASSERT_EQ(world.register_phone(other, three, "bob", "<sip:bob-y1@192.0.2.9:40003>").status(),
            200);
  say(alice, one, "BYE");
  expect_heard(bob, three, alice, "BYE");
  EXPECT_TRUE(other.inbox.empty());
}

TEST_F(DialogTakeoverTest, APeerThatLivesIsAskedThoughAnotherCouldReadTheToken) {
  connect(alice, one);
  connect(bob, two);
  call(one);
  say(bob, two, "INFO");
  expect_heard(alice, one, bob, "INFO");
  for (const auto* node : {&one, &two, &three})
    EXPECT_EQ(node->core.counters().taken_over, 0U);
}

TEST_F(DialogTakeoverTest, ATokenDoesNotBeginAnotherCall) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  auto& gateway = world.add_phone("198.51.100.7");
  auto out = SipMessage::request("INVITE", "sip:+4930123@198.51.100.7");
  out.append(HeaderId::via, via(alice, "fraud"));
  out.append(HeaderId::max_forwards, "70");
  out.append(HeaderId::route, alice.routes.front());
  out.append(HeaderId::from, "<sip:alice@example.org>;tag=z");
  out.append(HeaderId::to, "<sip:+4930123@198.51.100.7>");
  out.append(HeaderId::call_id, "to");
  out.append(HeaderId::cseq, "1 INVITE");
  out.append(HeaderId::contact, "<" + alice.contact + ">");
  world.send(*alice.phone, one, out.serialize());
  EXPECT_EQ(alice.phone->take_message().status(), 403);
  EXPECT_TRUE(gateway.inbox.empty());
}

TEST_F(DialogTakeoverTest, AnotherOverlaysTokenIsNobodysBusiness) {
  stand_open(alice, one);
  connect(bob, two);
  call(one);
  auto options = World::default_options();
  options.overlay_secret = Bytes(32, 8);
  auto& stranger = world.add_node("10.0.0.9", options);
  say(alice, stranger, "BYE");
  const auto answer = alice.phone->take_message();
  EXPECT_THAT(answer.status(), testing::AnyOf(403, 407));
  EXPECT_TRUE(bob.phone->inbox.empty());
}

TEST_F(DialogTakeoverTest, WhatThePhonesSeeCanBeANameOfAllPeers) {
  auto options = World::default_options();
  options.record_route = "sip.example.org";
  auto& four = world.add_node("10.0.0.4", options);
  stand_open(alice, four);
  connect(bob, two);
  call(four);
  ASSERT_EQ(alice.routes.size(), 1U);
  EXPECT_THAT(alice.routes.front(), HasSubstr("@sip.example.org;lr>"));
  EXPECT_THAT(bob.routes.front(), HasSubstr("@10.0.0.2:5060;transport=tcp;lr>"));
  say(alice, four, "INFO");
  expect_heard(bob, two, alice, "INFO");
  say(alice, three, "BYE");
  expect_heard(bob, two, alice, "BYE");
}

}  // namespace
}  // namespace carillon::sip
