#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/name_address.hpp"
#include "sip/world.hpp"

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

class ProxyTest : public testing::Test {
 protected:
  /// An INVITE (or other request) of alice.
  std::string request_text(const Phone& from, const std::string& method, const std::string& uri,
                           const std::string& more = {}, const std::string& branch = {}) {
    const auto number = std::to_string(++number_);
    const std::string transport = from.flow != FlowId::none ? "TCP" : "UDP";
    return lines({method + " " + uri + " SIP/2.0",
                  "Via: SIP/2.0/" + transport + " " + from.address.text() + ";branch=z9hG4bK" +
                      (branch.empty() ? "n" + number : branch) + ";rport",
                  "Max-Forwards: 70" + (more.empty() ? "" : "\r\n" + more),
                  "From: \"Alice\" <sip:alice@example.org>;tag=al" + call_, "To: <" + to_ + ">",
                  "Call-ID: " + call_, "CSeq: " + number + " " + method,
                  "Contact: <sip:alice@" + from.address.text() + ">"},
                 method == "MESSAGE" ? "hello" : "");
  }

  void register_at(Phone& phone, Node& node, const std::string& user, const std::string& contact) {
    ASSERT_EQ(world.register_phone(phone, node, user, contact).status(), 200);
  }
  /// Registers a UDP phone under its own address.
  void register_at(Phone& phone, Node& node, const std::string& user = "bob") {
    register_at(phone, node, user, "<sip:" + user + "@" + phone.address.text() + ">");
  }

  void call(Phone& from, Node& through, const std::string& user = "bob") {
    to_ = "sip:" + user + "@example.org";
    invite_ = request_text(from, "INVITE", to_);
    world.send_authenticated(from, through, invite_, "alice");
  }
  /// What the caller's phone got, without "100 Trying".
  static std::vector<int> statuses(Phone& phone) {
    std::vector<int> out;
    while (!phone.inbox.empty()) {
      const auto message = phone.take_message();
      if (message.status() > 100) out.push_back(message.status());
    }
    return out;
  }
  static std::string take_method(Phone& phone, const std::string& method) {
    const auto text = phone.take();
    EXPECT_THAT(text, StartsWith(method + " ")) << "at " << phone.address.text();
    return text;
  }
  /// A request in the dialog that a 2xx (for the caller) or INVITE (for the called) has set up.
  std::string in_dialog(const Phone& from, const std::string& method, const std::string& dialog,
                        const std::string& remote_tag, bool caller) {
    const auto message = parsed(dialog);
    auto out = SipMessage::request(method,
                                   NameAddress::parse(message.header(HeaderId::contact))->uri_text);
    const std::string transport = from.flow != FlowId::none ? "TCP" : "UDP";
    out.append(HeaderId::via, "SIP/2.0/" + transport + " " + from.address.text() +
                                  ";rport;branch=z9hG4bKd" + std::to_string(++number_));
    out.append(HeaderId::max_forwards, "70");
    const auto count = message.count(HeaderId::record_route);
    for (std::size_t i = 0; i < count; ++i) {
      out.append(HeaderId::route,
                 message.header(HeaderId::record_route, caller ? count - 1 - i : i));
    }
    if (caller) {
      out.append(HeaderId::from, message.header(HeaderId::from));
      out.append(HeaderId::to, message.header(HeaderId::to));
    } else {
      out.append(HeaderId::from, std::string{message.header(HeaderId::to)} + ";tag=" + remote_tag);
      out.append(HeaderId::to, message.header(HeaderId::from));
    }
    out.append(HeaderId::call_id, message.header(HeaderId::call_id));
    out.append(HeaderId::cseq,
               std::to_string(method == "ACK" ? message.cseq()->number : 900) + " " + method);
    return out.serialize();
  }

  /// INVITE, 180, 200, ACK, BYE from one side, 200.
  void talk(Phone& caller, Node& through, Phone& called, Node& called_at, bool caller_hangs_up) {
    call(caller, through);
    const auto invite = take_method(called, "INVITE");
    if (invite.empty()) return;
    EXPECT_THAT(invite, Not(HasSubstr("Proxy-Authorization")));
    const std::string contact = "Contact: <sip:bob@" + called.address.text() + ">";
    world.send(called, called_at, respond(invite, 180, "b", {contact}));
    const auto answer = respond(invite, 200, "b", {contact});
    world.send(called, called_at, answer);
    EXPECT_EQ(parsed(caller.take()).status(), 100);
    EXPECT_EQ(parsed(caller.take()).status(), 180);
    const auto ok = caller.take();
    EXPECT_EQ(parsed(ok).status(), 200);
    EXPECT_EQ(parsed(ok).count(HeaderId::via), 1U);
    world.send(caller, through, in_dialog(caller, "ACK", ok, {}, true));
    take_method(called, "ACK");
    auto& first = caller_hangs_up ? caller : called;
    auto& second = caller_hangs_up ? called : caller;
    const auto bye = in_dialog(first, "BYE", caller_hangs_up ? ok : invite, "b", caller_hangs_up);
    world.send(first, caller_hangs_up ? through : called_at, bye);
    const auto arrived = take_method(second, "BYE");
    ASSERT_FALSE(arrived.empty());
    EXPECT_EQ(parsed(arrived).count(HeaderId::route), 0U);
    world.send(second, caller_hangs_up ? called_at : through, respond(arrived, 200, ""));
    EXPECT_EQ(statuses(first), std::vector{200});
    EXPECT_TRUE(second.inbox.empty());
  }

  World world;
  Node& one = world.add_node("10.0.0.1");
  Node& two = world.add_node("10.0.0.2");
  Phone& alice = world.add_phone("192.0.2.1");
  Phone& bob = world.add_phone("192.0.2.2");
  std::string call_{"call1"};
  std::string to_{"sip:bob@example.org"};
  std::string invite_;
  int number_{100};
};

// Whole calls.

TEST_F(ProxyTest, CallsThroughOnePeer) {
  register_at(bob, one);
  talk(alice, one, bob, one, true);
  talk(alice, one, bob, one, false);
}

TEST_F(ProxyTest, CallsThroughAnotherPeerGoStraightToAPhoneThatAnyoneReaches) {
  register_at(bob, two);
  talk(alice, one, bob, one, true);
  EXPECT_EQ(one.core.gauges().flows, 0U);
}

TEST_F(ProxyTest, CallsAPhoneOnAConnectionOfAnotherPeer) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  talk(alice, one, tcp, two, true);
  talk(alice, one, tcp, two, false);
  EXPECT_EQ(one.core.gauges().flows, 1U) << "one connection between the peers";
}

TEST_F(ProxyTest, CallsFromAConnectionToAConnection) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  auto& caller = world.connect_phone(one, "192.0.2.4", 40002);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  talk(caller, one, tcp, two, true);
  talk(caller, one, tcp, two, false);
}

TEST_F(ProxyTest, CallsBetweenConnectionsOfOnePeer) {
  auto& tcp = world.connect_phone(one, "192.0.2.3", 40001);
  auto& caller = world.connect_phone(one, "192.0.2.4", 40002);
  register_at(tcp, one, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  talk(caller, one, tcp, one, false);
  talk(caller, one, tcp, one, true);
}

TEST_F(ProxyTest, CallsPhonesBehindNatsOverTheFlowOfTheirRegistration) {
  auto& nated = world.add_phone("203.0.113.5", 61000);
  register_at(nated, two, "bob", "<sip:bob@192.168.1.7:5060>");
  auto& caller = world.add_phone("203.0.113.9", 62000);
  const auto private_contact = [&](std::string text) {
    text.replace(text.find("Contact: <sip:alice@203.0.113.9:62000>"), 38,
                 "Contact: <sip:alice@192.168.1.7:5060>");
    return text;
  };
  invite_ = private_contact(request_text(caller, "INVITE", to_));
  world.send_authenticated(caller, one, invite_, "alice");
  const auto invite = take_method(nated, "INVITE");
  EXPECT_THAT(invite, StartsWith("INVITE sip:bob@192.168.1.7:5060 SIP/2.0"));
  world.send(nated, two, respond(invite, 200, "b", {"Contact: <sip:bob@192.168.1.7:5060>"}));
  EXPECT_EQ(parsed(caller.take()).status(), 100);
  const auto ok = caller.take();
  world.send(caller, one, in_dialog(caller, "ACK", ok, {}, true));
  take_method(nated, "ACK");
  world.send(nated, two, in_dialog(nated, "BYE", invite, "b", false));
  take_method(caller, "BYE");
}

TEST_F(ProxyTest, APhoneThatSendsFromAnotherPortIsCalledWhereItListens) {
  // It says truly in Via where it sends from, so that its Contact is true, too (RFC 3261, 10.2).
  auto& sender = world.add_phone("192.0.2.9", 40000);
  auto& listener = world.add_phone("192.0.2.9", 5062);
  register_at(sender, two, "bob", "<sip:bob@192.0.2.9:5062>");
  call(alice, one);
  take_method(listener, "INVITE");
  EXPECT_TRUE(sender.inbox.empty());
}

TEST_F(ProxyTest, APhoneThatKnowsItsPublicAddressButNotItsPortIsBehindANat) {
  // With rport it listens where it sends from (RFC 3581, 4); the NAT let only that through.
  auto& nated = world.add_phone("203.0.113.5", 61000);
  auto& elsewhere = world.add_phone("203.0.113.5", 5060);
  for (const auto* sent_by : {"203.0.113.5:5060", "192.168.1.7:61000"}) {
    nated.sent_by = sent_by;
    register_at(nated, two, "bob", "<sip:bob@203.0.113.5:5060>");
    call(alice, one);
    take_method(nated, "INVITE");
    EXPECT_TRUE(elsewhere.inbox.empty()) << sent_by;
    world.advance(seconds{200});  // The call is given up.
    nated.inbox.clear();
  }
  const auto& entry = world.locations.entries["bob@example.org"]["peer-10.0.0.2"];
  ASSERT_EQ(entry.bindings.size(), 1U);
  EXPECT_NE(entry.bindings[0].flow_token, "");
  EXPECT_EQ(entry.bindings[0].received, "udp:203.0.113.5:61000");
}

TEST_F(ProxyTest, ACallerBehindSuchANatIsHungUpOnItsFlow) {
  register_at(bob, two);
  auto& nated = world.add_phone("203.0.113.5", 61000);
  auto& elsewhere = world.add_phone("203.0.113.5", 5060);
  invite_ = request_text(nated, "INVITE", to_);
  for (auto at = invite_.find("203.0.113.5:61000"); at != std::string::npos;
       at = invite_.find("203.0.113.5:61000")) {
    invite_.replace(at, 17, "203.0.113.5:5060");
  }
  world.send_authenticated(nated, one, invite_, "alice");
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, two, respond(invite, 200, "b", {"Contact: <sip:bob@192.0.2.2:5060>"}));
  nated.inbox.clear();
  world.send(bob, one, in_dialog(bob, "BYE", invite, "b", false));
  take_method(nated, "BYE");
  EXPECT_TRUE(elsewhere.inbox.empty());
}

// Where requests may go.

TEST_F(ProxyTest, ChallengesOwnUsersAndTakesTheAck) {
  register_at(bob, one);
  const auto invite = request_text(alice, "INVITE", to_);
  world.send(alice, one, invite);
  const auto challenge = alice.take_message();
  EXPECT_EQ(challenge.status(), 407);
  EXPECT_EQ(challenge.count(HeaderId::proxy_authenticate), 2U);
  EXPECT_EQ(one.core.gauges().server_transactions, 1U) << "only the REGISTER's";
  auto ack = parsed(invite);
  auto text = ack.serialize();
  text.replace(0, 6, "ACK");
  text.replace(text.find("INVITE\r\n"), 6, "ACK");
  auto message = parsed(text);
  message.set(HeaderId::to, challenge.header(HeaderId::to));
  world.send(alice, one, message.serialize());
  EXPECT_TRUE(bob.inbox.empty());
  EXPECT_EQ(one.core.counters().dropped, 0U);
}

TEST_F(ProxyTest, NobodyCallsInAnothersName) {
  register_at(bob, one);
  invite_ = request_text(alice, "INVITE", to_);
  world.send_authenticated(alice, one, invite_, "carol");
  EXPECT_EQ(statuses(alice), std::vector{403});
  world.send_authenticated(alice, one, request_text(alice, "INVITE", to_), "alice", "wrong");
  EXPECT_EQ(statuses(alice), std::vector{407});
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(ProxyTest, WhoeverIsAUserNoMoreCallsNobody) {
  register_at(bob, one);
  const std::string caller = "alice@example.org";
  world.credentials.remembered[caller] = world.credentials.users[caller];
  world.credentials.users.erase(caller);
  world.credentials.age = seconds{31};
  world.send_authenticated(alice, one, request_text(alice, "INVITE", to_), "alice");
  EXPECT_EQ(statuses(alice), std::vector{403});
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(ProxyTest, AuthenticationIsAnOption) {
  auto options = World::default_options();
  options.authenticate_requests = false;
  auto& open = world.add_node("10.0.0.3", options);
  register_at(bob, open);
  world.send(alice, open, request_text(alice, "INVITE", to_));
  take_method(bob, "INVITE");
}

TEST_F(ProxyTest, TakesCallsFromForeignUsersForOurs) {
  register_at(bob, one);
  auto text = request_text(alice, "INVITE", to_);
  text.replace(text.find("alice@example.org"), 17, "alice@example.net");
  world.send(alice, one, text);
  take_method(bob, "INVITE");
}

TEST_F(ProxyTest, IsNoRelay) {
  auto text = request_text(alice, "INVITE", "sip:victim@198.51.100.1");
  world.send_authenticated(alice, one, text, "alice");
  EXPECT_EQ(statuses(alice), std::vector{403});
  text = request_text(alice, "INVITE", "sip:victim@198.51.100.1");
  text.replace(text.find("alice@example.org"), 17, "alice@example.net");
  world.send(alice, one, text);
  EXPECT_EQ(statuses(alice), std::vector{403});
  world.send_authenticated(
      alice, one, request_text(alice, "MESSAGE", to_, "Route: <sip:198.51.100.1;lr>"), "alice");
  EXPECT_EQ(statuses(alice), std::vector{403});
  // Requests that pretend to be in a dialog need a Route that we made, for that very call.
  for (const auto* route :
       {"Route: <sip:10.0.0.1:5060;lr>", "Route: <sip:AAAA@10.0.0.1:5060;lr>"}) {
    auto bye = request_text(alice, "BYE", "sip:victim@198.51.100.1", route);
    bye.replace(bye.find("To: <sip:bob@example.org>"), 25, "To: <sip:bob@example.org>;tag=b");
    world.send_authenticated(alice, one, bye, "alice");
    EXPECT_EQ(statuses(alice), std::vector{403}) << route;
    auto ack = request_text(alice, "ACK", "sip:victim@198.51.100.1", route);
    world.send(alice, one, ack);
  }
  EXPECT_EQ(one.core.counters().requests_out, 0U);
}

TEST_F(ProxyTest, AllowedForeignDomainsAreForOwnUsersOnly) {
  auto options = World::default_options();
  options.foreign_domains = {"198.51.100.1"};
  auto& node = world.add_node("10.0.0.3", options);
  auto& gateway = world.add_phone("198.51.100.1");
  to_ = "sip:somebody@198.51.100.1";
  world.send_authenticated(alice, node, request_text(alice, "INVITE", to_), "alice");
  take_method(gateway, "INVITE");
  auto text = request_text(alice, "INVITE", to_);
  text.replace(text.find("alice@example.org"), 17, "alice@example.net");
  alice.inbox.clear();
  world.send(alice, node, text);
  EXPECT_EQ(statuses(alice), std::vector{403});
}

TEST_F(ProxyTest, ATokenIsGoodForItsCallOnly) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, one, respond(invite, 200, "b", {"Contact: <sip:bob@192.0.2.2:5060>"}));
  alice.take();
  const auto ok = alice.take();
  auto bye = in_dialog(alice, "BYE", ok, {}, true);
  bye.replace(bye.find("Call-ID: call1"), 14, "Call-ID: call2");
  world.send(alice, one, bye);
  EXPECT_EQ(statuses(alice), std::vector{403});
  bye = in_dialog(alice, "BYE", ok, {}, true);
  const auto token = bye.find("Route: <sip:") + 12;
  bye[token + 3] = bye[token + 3] == 'A' ? 'B' : 'A';
  world.send(alice, one, bye);
  EXPECT_EQ(statuses(alice), std::vector{403});
  world.advance(seconds{86'500});
  world.send(alice, one, in_dialog(alice, "BYE", ok, {}, true));
  EXPECT_EQ(statuses(alice), std::vector{403}) << "too old";
}

TEST_F(ProxyTest, OnlyPeersMayUseTheTokenOfABinding) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  const auto token =
      world.locations.entries["bob@example.org"]["peer-10.0.0.2"].bindings[0].flow_token;
  ASSERT_NE(token, "");
  const auto text = request_text(alice, "INVITE", "sip:bob@192.0.2.3:5060;transport=tcp",
                                 "Route: <sip:" + token + "@10.0.0.2:5061;transport=tls;lr>");
  world.send(alice, two, text);
  EXPECT_EQ(statuses(alice), std::vector{403});
  EXPECT_TRUE(tcp.inbox.empty());
}

TEST_F(ProxyTest, KnowsWhoIsThereAndWhoIsNot) {
  call(alice, one, "nobody");
  EXPECT_EQ(statuses(alice), std::vector{404});
  call(alice, one, "carol");
  EXPECT_EQ(statuses(alice), std::vector{480});
  world.credentials.caches = false;
  call(alice, one, "nobody");
  EXPECT_EQ(statuses(alice), std::vector{404});
  call(alice, one, "carol");
  EXPECT_EQ(statuses(alice), std::vector{480});
}

TEST_F(ProxyTest, WhoCallsHears100WhileHisCredentialIsFetched) {
  world.credentials.caches = false;
  world.locations.hold = true;
  call(alice, one, "carol");
  ASSERT_EQ(alice.inbox.size(), 1U);
  EXPECT_EQ(alice.take_message().status(), 100);
  world.locations.hold = false;
  world.settle();
  ASSERT_EQ(alice.inbox.size(), 1U) << "one 100 is enough";
  EXPECT_EQ(alice.take_message().status(), 480);
}

TEST_F(ProxyTest, CallsItsOwnPhonesEvenWithoutTheOverlay) {
  register_at(bob, one);
  world.locations.lookup_error = ErrorCode::unreachable;
  call(alice, one);
  take_method(bob, "INVITE");
  alice.inbox.clear();
  call(alice, two);
  const auto response = [&] {
    alice.take();
    return alice.take_message();
  }();
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has(HeaderId::retry_after));
}

// 16.3 and 16.4.

TEST_F(ProxyTest, ChecksMaxForwards) {
  register_at(bob, one);
  auto text = request_text(alice, "MESSAGE", to_);
  text.replace(text.find("Max-Forwards: 70"), 16, "Max-Forwards: 0");
  world.send(alice, one, text);
  EXPECT_EQ(statuses(alice), std::vector{483});
  text = request_text(alice, "MESSAGE", to_);
  text.replace(text.find("Max-Forwards: 70\r\n"), 18, "");
  world.send_authenticated(alice, one, text, "alice");
  EXPECT_EQ(parsed(take_method(bob, "MESSAGE")).header(HeaderId::max_forwards), "70");
  world.send_authenticated(alice, one, request_text(alice, "MESSAGE", to_), "alice");
  EXPECT_EQ(parsed(take_method(bob, "MESSAGE")).header(HeaderId::max_forwards), "69");
}

TEST_F(ProxyTest, RefusesExtensionsItDoesNotKnow) {
  world.send(alice, one, request_text(alice, "MESSAGE", to_, "Proxy-Require: levitation, x"));
  const auto response = alice.take_message();
  EXPECT_EQ(response.status(), 420);
  EXPECT_EQ(response.header(HeaderId::unsupported), "levitation");
  EXPECT_EQ(response.header(HeaderId::unsupported, 1), "x");
}

TEST_F(ProxyTest, FindsLoopsAndLetsSpiralsPass) {
  auto options = World::default_options();
  options.authenticate_requests = false;
  auto& node = world.add_node("10.0.0.3", options);
  // Bob's contact is carol at this very peer, and she is bob: a loop.
  register_at(bob, node, "bob", "<sip:carol@10.0.0.3:5060>");
  register_at(alice, node, "carol", "<sip:bob@10.0.0.3:5060>");
  // The contacts are of "NATed" phones, so the request leaves to the phones; they send it back.
  const auto bounce = [&](Phone& phone) {
    phone.on_message = [&](const std::string& text) {
      if (!text.starts_with("MESSAGE")) return phone.inbox.push_back(text);
      auto message = parsed(text);
      message.prepend(HeaderId::via, "SIP/2.0/UDP " + phone.address.text() + ";branch=z9hG4bKb" +
                                         std::to_string(++number_));
      world.send(phone, node, message.serialize());
    };
  };
  bounce(bob);
  bounce(alice);
  auto& caller = world.add_phone("192.0.2.77");
  world.send(caller, node, request_text(caller, "MESSAGE", to_));
  EXPECT_GE(node.core.counters().requests_out, 2U) << "a spiral is no loop";
  EXPECT_LE(node.core.counters().requests_out, 4U);
  std::vector<int> seen;
  for (auto* phone : {&bob, &alice}) {
    while (!phone->inbox.empty())
      seen.push_back(phone->take_message().status());
  }
  EXPECT_THAT(seen, testing::Contains(482));
}

TEST_F(ProxyTest, UndoesStrictRouting) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, one, respond(invite, 200, "b", {"Contact: <sip:bob@192.0.2.2:5060>"}));
  alice.take();
  const auto ok = alice.take();
  auto bye = parsed(in_dialog(alice, "BYE", ok, {}, true));
  const auto own = NameAddress::parse(bye.header(HeaderId::route))->uri_text;
  const std::string target{bye.request_uri()};
  bye.set_request_uri(own);
  bye.remove_all(HeaderId::route);
  bye.append(HeaderId::route, "<" + target + ">");
  world.send(alice, one, bye.serialize());
  EXPECT_THAT(take_method(bob, "BYE"), StartsWith("BYE " + target + " SIP/2.0"));
}

TEST_F(ProxyTest, FollowsThePathOfABinding) {
  auto& edge = world.add_phone("192.0.2.50");
  ASSERT_EQ(world
                .register_phone(edge, two, "bob", "<sip:bob@10.9.9.9>",
                                "Supported: path\r\nPath: <sip:192.0.2.50;lr>, <sip:inner;lr>\r\n")
                .status(),
            200);
  call(alice, one);
  const auto invite = parsed(take_method(edge, "INVITE"));
  EXPECT_EQ(invite.request_uri(), "sip:bob@10.9.9.9");
  EXPECT_EQ(invite.header(HeaderId::route), "<sip:192.0.2.50;lr>");
  EXPECT_EQ(invite.header(HeaderId::route, 1), "<sip:inner;lr>");
}

TEST_F(ProxyTest, AnswersOptionsForItself) {
  world.send(alice, one, request_text(alice, "OPTIONS", "sip:example.org"));
  auto response = alice.take_message();
  EXPECT_EQ(response.status(), 200);
  EXPECT_THAT(response.header(HeaderId::allow), HasSubstr("INVITE"));
  world.send(alice, one, request_text(alice, "OPTIONS", "sip:10.0.0.1:5060"));
  EXPECT_EQ(alice.take_message().status(), 200);
  world.send(alice, one, request_text(alice, "MESSAGE", "sip:10.0.0.1:5060"));
  EXPECT_EQ(alice.take_message().status(), 404);
}

TEST_F(ProxyTest, PassesOtherRequests) {
  register_at(bob, two);
  for (const auto* method : {"MESSAGE", "OPTIONS", "INFO", "SUBSCRIBE", "PUBLISH", "FOO"}) {
    world.send_authenticated(alice, one, request_text(alice, method, to_), "alice");
    const auto arrived = take_method(bob, method);
    EXPECT_EQ(parsed(arrived).has(HeaderId::record_route), std::string{method} == "SUBSCRIBE");
    world.send(bob, one, respond(arrived, 200, "b"));
    EXPECT_EQ(statuses(alice), std::vector{200}) << method;
  }
}

TEST_F(ProxyTest, FillsInReceivedAndRport) {
  auto& nated = world.add_phone("203.0.113.5", 61000);
  auto text = request_text(nated, "OPTIONS", "sip:example.org");
  text.replace(text.find("203.0.113.5:61000"), 17, "192.168.1.7:5060");
  world.send(nated, one, text);
  const auto via = nated.take_message();
  EXPECT_THAT(via.header(HeaderId::via), HasSubstr("received=203.0.113.5"));
  EXPECT_THAT(via.header(HeaderId::via), HasSubstr("rport=61000"));
  // Without rport the answer goes to the port of the Via.
  auto& listening = world.add_phone("203.0.113.5", 5080);
  text = request_text(nated, "OPTIONS", "sip:example.org");
  text.replace(text.find("203.0.113.5:61000"), 17, "192.168.1.7:5080");
  text.replace(text.find(";rport"), 6, "");
  world.send(nated, one, text);
  EXPECT_TRUE(nated.inbox.empty());
  EXPECT_THAT(listening.take_message().header(HeaderId::via), HasSubstr("received=203.0.113.5"));
}

// Forking, 16.7.

class Forking : public ProxyTest {
 protected:
  void SetUp() override {
    register_at(bob, one);
    register_at(second, two);
    register_at(third, two);
  }
  std::vector<std::string> ring() {
    call(alice, one);
    return {take_method(bob, "INVITE"), take_method(second, "INVITE"),
            take_method(third, "INVITE")};
  }
  Phone& second = world.add_phone("192.0.2.12");
  Phone& third = world.add_phone("192.0.2.13");
};

TEST_F(Forking, AllRingAndOneAnswers) {
  const auto invites = ring();
  for (const auto& [phone, invite] : {std::pair{&bob, invites[0]}, {&second, invites[1]}}) {
    world.send(*phone, one, respond(invite, 180, phone->address.host));
  }
  EXPECT_EQ(statuses(alice), (std::vector{180, 180}));
  world.send(second, one, respond(invites[1], 200, "s"));
  EXPECT_EQ(statuses(alice), std::vector{200});
  const auto cancel = take_method(bob, "CANCEL");
  EXPECT_EQ(parsed(cancel).header(HeaderId::via), parsed(invites[0]).header(HeaderId::via));
  EXPECT_TRUE(third.inbox.empty()) << "no CANCEL before a provisional response";
  world.send(third, one, respond(invites[2], 180, "t"));
  take_method(third, "CANCEL");
  world.send(bob, one, respond(cancel, 200, "192.0.2.2"));
  world.send(bob, one, respond(invites[0], 487, "192.0.2.2"));
  take_method(bob, "ACK");
  EXPECT_TRUE(alice.inbox.empty());
}

TEST_F(Forking, ASecondAnswerIsPassedOnToo) {
  const auto invites = ring();
  world.send(bob, one, respond(invites[0], 200, "b"));
  world.send(second, one, respond(invites[1], 200, "s"));
  world.send(bob, one, respond(invites[0], 200, "b"));
  EXPECT_EQ(statuses(alice), (std::vector{200, 200, 200}));
}

TEST_F(Forking, TheBestFailureWins) {
  const auto answer = [&](int first, int next, int last) {
    const auto invites = ring();
    world.send(bob, one, respond(invites[0], first, "b"));
    world.send(second, one, respond(invites[1], next, "s"));
    EXPECT_TRUE(statuses(alice).empty()) << "not before all have answered";
    world.send(third, one, respond(invites[2], last, "t"));
    auto seen = statuses(alice);
    for (auto* phone : {&bob, &second, &third})
      phone->inbox.clear();
    call_ += "x";
    EXPECT_EQ(seen.size(), 1U);
    return seen.empty() ? 0 : seen[0];
  };
  EXPECT_EQ(answer(486, 302, 500), 302);
  EXPECT_EQ(answer(480, 486, 408), 486);
  EXPECT_EQ(answer(486, 401, 404), 401);
  EXPECT_EQ(answer(503, 503, 503), 500);
  EXPECT_EQ(answer(503, 600, 404), 600);
}

TEST_F(Forking, ADeclineEndsTheSearch) {
  const auto invites = ring();
  world.send(bob, one, respond(invites[0], 180, "b"));
  world.send(second, one, respond(invites[1], 603, "s"));
  take_method(second, "ACK");
  const auto cancel = take_method(bob, "CANCEL");
  world.send(bob, one, respond(cancel, 200, "b"));
  world.send(bob, one, respond(invites[0], 487, "b"));
  world.send(third, one, respond(invites[2], 487, "b"));
  EXPECT_EQ(statuses(alice), (std::vector{180, 603}));
}

TEST_F(Forking, ChallengesOfAllBranchesAreCollected) {
  const auto invites = ring();
  world.send(bob, one, respond(invites[0], 407, "b", {"Proxy-Authenticate: Digest realm=\"b\""}));
  world.send(second, one, respond(invites[1], 401, "s", {"WWW-Authenticate: Digest realm=\"s\""}));
  world.send(third, one, respond(invites[2], 404, "t"));
  alice.take();
  const auto response = alice.take_message();
  EXPECT_EQ(response.header(HeaderId::proxy_authenticate), "Digest realm=\"b\"");
  EXPECT_EQ(response.header(HeaderId::www_authenticate), "Digest realm=\"s\"");
}

TEST_F(Forking, PhonesThatAreSilentCountAs408) {
  const auto invites = ring();
  world.send(bob, one, respond(invites[0], 480, "b"));
  world.advance(seconds{33});
  EXPECT_EQ(statuses(alice).front(), 480);
}

TEST_F(Forking, OneAfterTheOtherByQ) {
  auto options = World::default_options();
  options.fork_by_q = true;
  auto& node = world.add_node("10.0.0.3", options);
  world.locations.entries.clear();
  register_at(bob, node, "bob",
              "<sip:bob@192.0.2.2>;q=0.9, <sip:bob@192.0.2.12>;q=0.2, <sip:bob@192.0.2.13>;q=0.9");
  // All on the flow of the phone that registered them: they arrive there one by one.
  call(alice, node);
  const auto first = take_method(bob, "INVITE");
  const auto same_q = take_method(bob, "INVITE");
  EXPECT_TRUE(bob.inbox.empty());
  world.send(bob, node, respond(first, 486, "1"));
  world.send(bob, node, respond(same_q, 486, "2"));
  take_method(bob, "ACK");
  take_method(bob, "ACK");
  EXPECT_THAT(take_method(bob, "INVITE"), StartsWith("INVITE sip:bob@192.0.2.12 "));
}

// CANCEL, timers, retransmissions.

TEST_F(ProxyTest, CancelsHopByHop) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, one, respond(invite, 180, "b"));
  alice.inbox.clear();
  auto cancel = parsed(invite_);
  auto text = cancel.serialize();
  text.replace(0, 6, "CANCEL");
  text.replace(text.find(" INVITE\r\n"), 7, " CANCEL");
  // The branch of the INVITE that was accepted, after the challenge.
  text.replace(text.find("branch=z9hG4bK") + 14, 0, "auth");
  world.send(alice, one, text);
  EXPECT_EQ(statuses(alice), std::vector{200});
  const auto arrived = take_method(bob, "CANCEL");
  world.send(bob, one, respond(arrived, 200, "b"));
  world.send(bob, one, respond(invite, 487, "b"));
  take_method(bob, "ACK");
  EXPECT_EQ(statuses(alice), std::vector{487});
  world.send(alice, one, text);
  EXPECT_EQ(statuses(alice), std::vector{200}) << "a retransmission";
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(ProxyTest, ACancelBeforeAnythingCameWaits) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  auto text = invite_;
  text.replace(0, 6, "CANCEL");
  text.replace(text.find(" INVITE\r\n"), 7, " CANCEL");
  text.replace(text.find("branch=z9hG4bK") + 14, 0, "auth");
  world.send(alice, one, text);
  EXPECT_TRUE(bob.inbox.empty());
  // The phone answers at the same moment: its 200 wins.
  world.send(bob, one, respond(invite, 200, "b"));
  EXPECT_EQ(statuses(alice), (std::vector{200, 200}));
}

TEST_F(ProxyTest, ACancelDuringTheLookupEndsTheCall) {
  register_at(bob, one);
  to_ = "sip:bob@example.org";
  invite_ = request_text(alice, "INVITE", to_);
  world.send(alice, one, invite_);
  world.locations.hold = true;
  alice.inbox.pop_front();
  world.locations.hold = false;
  call(alice, one, "carol");
  alice.inbox.clear();
  world.locations.hold = true;
  call(alice, one);
  auto text = invite_;
  text.replace(0, 6, "CANCEL");
  text.replace(text.find(" INVITE\r\n"), 7, " CANCEL");
  text.replace(text.find("branch=z9hG4bK") + 14, 0, "auth");
  world.send(alice, one, text);
  EXPECT_EQ(statuses(alice), (std::vector{200, 487}));
  world.locations.hold = false;
  world.settle();
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(ProxyTest, AStrayCancelIsRefused) {
  world.send(alice, one, request_text(alice, "CANCEL", to_));
  EXPECT_EQ(statuses(alice), std::vector{481});
}

TEST_F(ProxyTest, TimerCEndsEndlessRinging) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, one, respond(invite, 180, "b"));
  world.advance(seconds{100});
  world.send(bob, one, respond(invite, 180, "b"));
  world.advance(seconds{100});
  EXPECT_TRUE(bob.inbox.empty()) << "each provisional response restarts it";
  world.advance(seconds{86});
  take_method(bob, "CANCEL");
  alice.inbox.clear();
  world.advance(seconds{33});
  EXPECT_EQ(statuses(alice).front(), 487) << "whoever ignores a CANCEL counts as cancelled";
}

TEST_F(ProxyTest, ASilentPhoneIsATimeout) {
  register_at(bob, one);
  call(alice, one);
  world.advance(seconds{33});
  EXPECT_EQ(bob.inbox.size(), 7U);
  EXPECT_EQ(statuses(alice).front(), 408);
  auto& other = world.add_phone("192.0.2.99");
  world.send_authenticated(other, one, request_text(other, "MESSAGE", to_), "alice");
  world.advance(seconds{33});
  EXPECT_EQ(statuses(other), std::vector{408});
}

TEST_F(ProxyTest, AnUnreachablePhoneIsNotWaitedFor) {
  register_at(bob, one);
  call(alice, one);
  one.core.handle_unreachable(one.udp, bob.address);
  world.settle();
  EXPECT_EQ(statuses(alice), std::vector{500});
}

TEST_F(ProxyTest, AbsorbsRetransmissions) {
  register_at(bob, one);
  call(alice, one);
  auto text = invite_;
  const auto invite = take_method(bob, "INVITE");
  auto again = parsed(text);
  // Same branch as the accepted one: absorbed, and answered with the last provisional.
  std::string via{again.header(HeaderId::via)};
  via.insert(via.find("branch=z9hG4bK") + 14, "auth");
  again.replace_first(HeaderId::via, via);
  again.set(HeaderId::cseq, std::to_string(again.cseq()->number + 1) + " INVITE");
  alice.inbox.clear();
  world.send(alice, one, again.serialize());
  EXPECT_TRUE(bob.inbox.empty());
  EXPECT_EQ(alice.take_message().status(), 100);
  world.send(bob, one, respond(invite, 486, "b"));
  world.send(bob, one, respond(invite, 486, "b"));
  EXPECT_EQ(bob.inbox.size(), 2U) << "two ACKs";
  EXPECT_EQ(statuses(alice), std::vector{486});
  world.advance(milliseconds{600});
  EXPECT_EQ(statuses(alice), std::vector{486}) << "timer G";
  EXPECT_EQ(one.core.counters().retransmissions, 1U);
}

TEST_F(ProxyTest, DropsStrayResponses) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  auto other_branch = respond(invite, 200, "b");
  other_branch.replace(other_branch.find("z9hG4bK") + 7, 4, "zzzz");
  world.send(bob, one, other_branch);
  auto not_ours = respond(invite, 200, "b");
  not_ours.replace(not_ours.find("10.0.0.1:5060"), 13, "10.0.0.9:5060");
  world.send(bob, one, not_ours);
  EXPECT_TRUE(statuses(alice).empty());
  EXPECT_EQ(one.core.counters().dropped, 2U);
}

TEST_F(ProxyTest, CallsSurviveALossyNetwork) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World lossy{seed};
    auto& node = lossy.add_node("10.0.0.1");
    auto& caller = lossy.add_phone("192.0.2.1");
    auto& called = lossy.add_phone("192.0.2.2");
    lossy.register_phone(called, node, "bob", "<sip:bob@192.0.2.2:5060>");
    SeededRandom dice{seed};
    lossy.lose = [&](const HostPort&, const HostPort&, const std::string&) {
      return dice.below(100) < 30;
    };
    int status = 0;
    std::size_t acks = 0;
    called.on_message = [&](const std::string& text) {
      if (text.starts_with("ACK")) ++acks;
      if (text.starts_with("INVITE")) lossy.send(called, node, respond(text, 486, "b"));
    };
    caller.on_message = [&](const std::string& text) {
      const auto message = parsed(text);
      if (message.status() > status) status = message.status();
    };
    // A caller without authentication (another domain's), which repeats as timer A says.
    auto text = request_text(caller, "INVITE", to_);
    text.replace(text.find("alice@example.org"), 17, "alice@example.net");
    for (int wait = 500; wait <= 32000 && status < 200; wait *= 2) {
      lossy.send(caller, node, text);
      lossy.advance(milliseconds{wait});
    }
    EXPECT_EQ(status, 486) << "seed " << seed;
    lossy.advance(seconds{70});
    EXPECT_EQ(node.core.gauges().client_transactions, 0U);
    EXPECT_EQ(node.core.gauges().server_transactions, 0U);
  }
}

// Flows.

TEST_F(ProxyTest, AFlowThatIsGoneIs430AndTheBindingGoesToo) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  const auto stale = world.locations.entries["bob@example.org"]["peer-10.0.0.2"];
  world.disconnect(tcp);
  EXPECT_TRUE(world.locations.entries["bob@example.org"].empty());
  // As if the serving peer had crashed before it could take the binding back.
  world.locations.entries["bob@example.org"]["peer-10.0.0.2"] = stale;
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  world.send(bob, one, respond(invite, 486, "b"));
  EXPECT_EQ(statuses(alice), std::vector{486});
  const auto& removals = world.locations.entries["bob@example.org"]["peer-10.0.0.1"].removals;
  ASSERT_EQ(removals.size(), 1U);
  EXPECT_EQ(removals[0].contact, "sip:bob@192.0.2.3:5060;transport=tcp");
  const auto flows_before = one.core.counters().requests_out;
  call_ = "again";
  call(alice, one);
  EXPECT_EQ(one.core.counters().requests_out, flows_before + 1) << "it is not tried again";
}

TEST_F(ProxyTest, IfOnlyTheGoneFlowWasThereTheUserIsOffline) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  const auto stale = world.locations.entries["bob@example.org"]["peer-10.0.0.2"];
  world.disconnect(tcp);
  world.locations.entries["bob@example.org"]["peer-10.0.0.2"] = stale;
  call(alice, one);
  EXPECT_EQ(statuses(alice), std::vector{480});
}

TEST_F(ProxyTest, FlowsOfOnePhoneAreTriedInTurn) {
  auto& first = world.connect_phone(two, "192.0.2.3", 40001);
  auto& second = world.connect_phone(two, "192.0.2.3", 40002);
  const auto contact = [](int reg_id) {
    return "<sip:bob@192.0.2.3;transport=tcp>;+sip.instance=\"<urn:uuid:7>\";reg-id=" +
           std::to_string(reg_id);
  };
  register_at(first, two, "bob", contact(1));
  world.advance(seconds{1});
  register_at(second, two, "bob", contact(2));
  call(alice, one);
  EXPECT_TRUE(first.inbox.empty()) << "one phone rings once";
  const auto invite = take_method(second, "INVITE");
  world.send(second, respond(invite, 486, "b"));
  EXPECT_EQ(statuses(alice), std::vector{486});
  take_method(second, "ACK");
  const auto stale = world.locations.entries["bob@example.org"]["peer-10.0.0.2"];
  world.disconnect(second);
  world.locations.entries["bob@example.org"]["peer-10.0.0.2"] = stale;
  call_ = "next";
  call(alice, one);
  take_method(first, "INVITE");
}

TEST_F(ProxyTest, APeerThatCannotBeReachedFailsTheBranchAtOnce) {
  auto& tcp = world.connect_phone(two, "192.0.2.3", 40001);
  register_at(tcp, two, "bob", "<sip:bob@192.0.2.3:5060;transport=tcp>");
  world.refuse_peer_connections = true;
  call(alice, one);
  EXPECT_EQ(statuses(alice), std::vector{500});
  EXPECT_EQ(one.core.gauges().flows, 0U);
}

TEST_F(ProxyTest, StreamsAnswerPingsAndBadLengths) {
  auto& tcp = world.connect_phone(one, "192.0.2.3", 40001);
  world.send(tcp, "\r\n\r\n");
  EXPECT_EQ(tcp.take(), "\r\n");
  world.send(tcp,
             "OPTIONS sip:example.org SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.3;branch=z9hG4bK1\r\n"
             "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
             "Content-Length: -7\r\n\r\n");
  const auto response = tcp.take_message();
  EXPECT_EQ(response.status(), 400);
  EXPECT_EQ(response.reason(), "Malformed Content-Length");
  EXPECT_FALSE(tcp.connected);
  EXPECT_EQ(one.core.gauges().flows, 0U);
}

// Bounds.

TEST_F(ProxyTest, SaysWhenItIsFull) {
  auto options = World::default_options();
  options.limits.transactions = 3;
  auto& small = world.add_node("10.0.0.3", options);
  register_at(bob, small);
  call(alice, small);
  take_method(bob, "INVITE");
  EXPECT_EQ(statuses(alice), std::vector<int>{});
  auto& other = world.add_phone("192.0.2.99");
  call_ = "other";
  call(other, small);
  const auto response = other.take_message();
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has(HeaderId::retry_after));
  EXPECT_GE(small.core.counters().overloaded, 1U);
}

TEST_F(ProxyTest, TakesNoNewCallsWhileLeaving) {
  register_at(bob, one);
  call(alice, one);
  const auto invite = take_method(bob, "INVITE");
  one.core.start_draining();
  EXPECT_FALSE(one.core.drained());
  auto& other = world.add_phone("192.0.2.99");
  world.send(other, one, request_text(other, "INVITE", to_));
  EXPECT_EQ(statuses(other), std::vector{503});
  world.send(bob, one, respond(invite, 486, "b"));
  EXPECT_TRUE(one.core.drained());
}

}  // namespace
}  // namespace carillon::sip
