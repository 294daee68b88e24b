#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/world.hpp"

// A SIP server before us that keeps the phones and authenticates them ("P2P mode"), and redirects.

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::World;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Networks, HoldAddresses) {
  Networks networks;
  EXPECT_FALSE(networks.contains("192.0.2.1"));
  for (const auto* text : {"192.0.2.1", "198.51.100.0/24", "2001:db8::/33", "0.0.0.0/32"})
    EXPECT_TRUE(networks.add(text)) << text;
  for (const auto* text : {"", "example.org", "192.0.2.1/33", "192.0.2.1/", "::/129", "1.2.3"})
    EXPECT_FALSE(networks.add(text)) << text;
  EXPECT_TRUE(networks.contains("192.0.2.1"));
  EXPECT_FALSE(networks.contains("192.0.2.2"));
  EXPECT_TRUE(networks.contains("198.51.100.255"));
  EXPECT_FALSE(networks.contains("198.51.101.0"));
  EXPECT_TRUE(networks.contains("2001:db8:7fff::1"));
  EXPECT_FALSE(networks.contains("2001:db8:8000::1"));
  EXPECT_TRUE(networks.contains("::ffff:192.0.2.1"));
  Networks all;
  EXPECT_TRUE(all.add("0.0.0.0/0"));
  EXPECT_TRUE(all.contains("203.0.113.9"));
  EXPECT_FALSE(all.contains("2001:db8::1"));
}

class TrustedEdge : public testing::Test {
 protected:
  static SipOptions options(Redirect redirect = Redirect::nobody) {
    auto out = World::default_options();
    EXPECT_TRUE(out.trusted.add("192.0.2.0/30"));
    out.redirect = redirect;
    return out;
  }
  /// What an edge passes on for a phone of its own, 10.9.9.9.
  static std::string through_edge(const Phone& edge, const std::string& method,
                                  const std::string& uri, const std::string& more) {
    static int number = 0;
    const auto n = std::to_string(++number);
    return lines({method + " " + uri + " SIP/2.0",
                  "Via: SIP/2.0/UDP " + edge.address.text() + ";branch=z9hG4bKe" + n,
                  "Via: SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bKp" + n, "Max-Forwards: 69",
                  "From: <sip:alice@example.org>;tag=f" + n, "To: <sip:bob@example.org>",
                  "Call-ID: edge" + n, "CSeq: 1 " + method + (more.empty() ? "" : "\r\n" + more)});
  }
  void register_bob(Phone& edge, Node& node, const std::string& contact = "sip:bob@10.9.9.9:5062") {
    world.send(edge, node,
               through_edge(edge, "REGISTER", "sip:example.org",
                            "Contact: <" + contact + ">\r\nPath: <sip:" + edge.address.text() +
                                ";lr;received=sip:203.0.113.7:1024>"));
    EXPECT_EQ(edge.take_message().status(), 200);
  }

  World world;
  Phone& edge_a = world.add_phone("192.0.2.1");
  Phone& edge_b = world.add_phone("192.0.2.2");
  Phone& stranger = world.add_phone("192.0.2.5");
};

TEST_F(TrustedEdge, IsNotChallenged) {
  auto& one = world.add_node("10.0.0.1", options());
  auto& two = world.add_node("10.0.0.2", options());
  register_bob(edge_a, one);
  world.send(edge_b, two, through_edge(edge_b, "INVITE", "sip:bob@example.org", ""));
  EXPECT_EQ(edge_b.take_message().status(), 100);
  const auto invite = edge_a.take_message();
  EXPECT_EQ(invite.request_uri(), "sip:bob@10.9.9.9:5062");
  EXPECT_EQ(invite.header(HeaderId::route),
            "<sip:192.0.2.1:5060;lr;received=sip:203.0.113.7:1024>");
}

TEST_F(TrustedEdge, OthersAre) {
  auto& one = world.add_node("10.0.0.1", options());
  for (const auto* method : {"REGISTER", "INVITE"}) {
    const auto uri = std::string{"sip:"} + (*method == 'I' ? "bob@" : "") + "example.org";
    world.send(stranger, one, through_edge(stranger, method, uri, ""));
    EXPECT_EQ(stranger.take_message().status(), *method == 'I' ? 407 : 401);
  }
}

TEST_F(TrustedEdge, IsToldWhereTheUserIs) {
  auto& one = world.add_node("10.0.0.1", options(Redirect::trusted));
  auto& two = world.add_node("10.0.0.2", options(Redirect::trusted));
  register_bob(edge_a, one);
  register_bob(edge_b, two, "sip:bob@10.9.9.8;transport=tls");
  world.send(edge_b, two, through_edge(edge_b, "INVITE", "sip:bob@example.org", ""));
  EXPECT_EQ(edge_b.take_message().status(), 100);
  const auto response = edge_b.take_message();
  EXPECT_EQ(response.status(), 302);
  ASSERT_EQ(response.count(HeaderId::contact), 2U);
  const auto contacts = std::string{response.header(HeaderId::contact, 0)} +
                        std::string{response.header(HeaderId::contact, 1)};
  EXPECT_THAT(contacts, HasSubstr("<sip:bob@10.9.9.9:5062?Route=%3Csip:192.0.2.1:5060%3Blr%3B"
                                  "received%3Dsip:203.0.113.7:1024%3E>"));
  EXPECT_THAT(contacts, HasSubstr("<sip:bob@10.9.9.8;transport=tls?Route="));
  EXPECT_EQ(two.core.counters().redirects, 1U);
  EXPECT_TRUE(edge_a.inbox.empty());
}

TEST_F(TrustedEdge, WhatOnlyWeCanReachIsRelayed) {
  auto& one = world.add_node("10.0.0.1", options(Redirect::everyone));
  auto& bob = world.connect_phone(one, "192.0.2.9", 40000);
  ASSERT_EQ(
      world.register_phone(bob, one, "bob", "<sip:bob@192.0.2.9:40000;transport=tcp>").status(),
      200);
  world.send(edge_a, one, through_edge(edge_a, "INVITE", "sip:bob@example.org", ""));
  EXPECT_EQ(edge_a.take_message().status(), 100);
  EXPECT_TRUE(edge_a.inbox.empty());
  EXPECT_THAT(bob.take(), StartsWith("INVITE "));
}

TEST_F(TrustedEdge, EveryoneMayBeRedirectedOnceAuthenticated) {
  auto& one = world.add_node("10.0.0.1", options(Redirect::everyone));
  auto& bob = world.add_phone("192.0.2.9");
  ASSERT_EQ(world.register_phone(bob, one, "bob", "<sip:bob@192.0.2.9>;q=0.5").status(), 200);
  const auto invite = through_edge(stranger, "INVITE", "sip:bob@example.org", "");
  world.send_authenticated(stranger, one, invite, "alice");
  EXPECT_EQ(stranger.take_message().status(), 100);
  const auto response = stranger.take_message();
  EXPECT_EQ(response.status(), 302);
  EXPECT_EQ(response.header(HeaderId::contact), "<sip:bob@192.0.2.9>;q=0.5");
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(TrustedEdge, CancelsWhatItHasRelayed) {
  auto& one = world.add_node("10.0.0.1", options());
  auto& two = world.add_node("10.0.0.2", options());
  register_bob(edge_a, one);
  const auto invite = through_edge(edge_b, "INVITE", "sip:bob@example.org", "");
  world.send(edge_b, two, invite);
  EXPECT_EQ(edge_b.take_message().status(), 100);
  const auto relayed = edge_a.take();
  world.send(edge_a, two, test::respond(relayed, 100, ""));
  world.send(edge_a, two, test::respond(relayed, 180, "b"));
  EXPECT_EQ(edge_b.take_message().status(), 180);
  auto cancel = SipMessage::request("CANCEL", "sip:bob@example.org");
  const auto original = parsed(invite);
  cancel.append(HeaderId::via, original.header(HeaderId::via));
  for (const auto id : {HeaderId::from, HeaderId::to, HeaderId::call_id})
    cancel.append(id, original.header(id));
  cancel.append(HeaderId::cseq, "1 CANCEL");
  cancel.append(HeaderId::max_forwards, "70");
  world.send(edge_b, two, cancel.serialize());
  EXPECT_EQ(edge_b.take_message().status(), 200);
  const auto cancelled = edge_a.take();
  EXPECT_THAT(cancelled, StartsWith("CANCEL "));
  EXPECT_THAT(cancelled, HasSubstr("Route: <sip:192.0.2.1:5060;lr"));
  world.send(edge_a, two, test::respond(cancelled, 200, "c"));
  // As some phones do, it gives back the first Via alone.
  auto terminated = parsed(test::respond(relayed, 487, "b"));
  while (terminated.count(HeaderId::via) > 1)
    terminated.remove_at(HeaderId::via, 1);
  world.send(edge_a, two, terminated.serialize());
  const auto answer = edge_b.take_message();
  EXPECT_EQ(answer.status(), 487);
  EXPECT_EQ(answer.count(HeaderId::via), 2U);
  EXPECT_THAT(answer.header(HeaderId::via), HasSubstr("192.0.2.2"));
}

TEST_F(TrustedEdge, NobodyIsThereForARedirectEither) {
  auto& one = world.add_node("10.0.0.1", options(Redirect::trusted));
  world.send(edge_b, one, through_edge(edge_b, "INVITE", "sip:bob@example.org", ""));
  EXPECT_EQ(edge_b.take_message().status(), 100);
  EXPECT_EQ(edge_b.take_message().status(), 480);
}

}  // namespace
}  // namespace carillon::sip
