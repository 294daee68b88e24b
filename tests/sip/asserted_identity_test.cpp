#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/trunk_case.hpp"

// Who a request is from, as trusted trunks and servers hear and say it (RFC 3325).

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::TrunkTest;
using test::World;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> asserted(const SipMessage& message) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < message.count(HeaderId::p_asserted_identity); ++i)
    out.emplace_back(message.header(HeaderId::p_asserted_identity, i));
  return out;
}

/// The first gateway is trusted, the second is not; 192.0.2.50 is a server that is.
class AssertedIdentityTest : public TrunkTest {
 protected:
  AssertedIdentityTest() : node(make_node()) {}
  Node& make_node() {
    auto options = World::default_options();
    options.trunks = {{.uri = "sip:198.51.100.1", .trusted = true}, {.uri = "sip:198.51.100.2"}};
    options.any_from = {"carol@example.org"};
    EXPECT_TRUE(options.trusted.add("192.0.2.50"));
    return world.add_node("10.0.0.1", options);
  }
  /// What the trusted trunk gets of a call by `user` with `more` lines.
  SipMessage at_trunk(const std::string& more, const std::string& user = "alice",
                      const std::string& from = "alice@example.org") {
    first.inbox.clear();
    world.send_authenticated(alice, node, request("sip:+4930123@example.org", more, "INVITE", from),
                             user);
    return first.take_message();
  }
  /// What a phone gets of an INVITE that comes from `source`.
  SipMessage at_phone(Phone& source, const std::string& more,
                      const std::string& from = "x@elsewhere.example") {
    auto text = request("sip:bob@example.org", more, "INVITE", from);
    text.replace(text.find("192.0.2.1:5060"), 14, source.address.text());
    phone.inbox.clear();
    world.send(source, node, text);
    return phone.take_message();
  }
  void SetUp() override {
    ASSERT_EQ(world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.7>").status(), 200);
  }

  Node& node;
  Phone& phone = world.add_phone("192.0.2.7");
  Phone& server = world.add_phone("192.0.2.50");
};

TEST_F(AssertedIdentityTest, ATrustedTrunkIsToldWhoCalls) {
  EXPECT_THAT(asserted(at_trunk("X: y")), ElementsAre("<sip:alice@example.org>"));
  // Whatever the caller says of himself.
  EXPECT_THAT(asserted(at_trunk("P-Asserted-Identity: <sip:bob@example.org>")),
              ElementsAre("<sip:alice@example.org>"));
  // With Privacy, too: it is for the trunk to keep.
  const auto secret = at_trunk("Privacy: id");
  EXPECT_THAT(asserted(secret), ElementsAre("<sip:alice@example.org>"));
  EXPECT_EQ(secret.header(HeaderId::privacy), "id");
}

TEST_F(AssertedIdentityTest, AUserWhoIsANumberIsToldAsTelToo) {
  world.credentials.add("+4930555@example.org", "secret");
  EXPECT_THAT(asserted(at_trunk("X: y", "+4930555", "+4930555@example.org")),
              ElementsAre("<sip:+4930555@example.org>", "<tel:+4930555>"));
  world.credentials.add("7042@example.org", "secret");
  EXPECT_THAT(asserted(at_trunk("X: y", "7042", "7042@example.org")),
              ElementsAre("<sip:7042@example.org>", "<tel:7042;phone-context=example.org>"));
}

TEST_F(AssertedIdentityTest, WhoMayCallInAnybodysNameIsToldAsThat) {
  EXPECT_THAT(asserted(at_trunk("X: y", "carol", "bob@example.org")),
              ElementsAre("<sip:bob@example.org>"));
}

TEST_F(AssertedIdentityTest, ThePreferredIdentityIsAHintIfItIsTheCallersOwn) {
  const auto own = at_trunk("P-Preferred-Identity: \"Alice, L.\" <sip:alice@example.org>");
  EXPECT_THAT(asserted(own), ElementsAre("\"Alice, L.\" <sip:alice@example.org>"));
  EXPECT_FALSE(own.has(HeaderId::p_preferred_identity));
  for (const auto* other : {"<sip:bob@example.org>", "<sip:alice@example.net>", "<tel:+4930555>",
                            "nonsense", "", "<sip:alice@example.org>;x=y",
                            "<sip:alice@example.org?X=y>", "\"open <sip:alice@example.org>"}) {
    EXPECT_THAT(asserted(at_trunk("P-Preferred-Identity: " + std::string{other})),
                ElementsAre("<sip:alice@example.org>"))
        << other;
  }
}

TEST_F(AssertedIdentityTest, ATrunkThatIsNotTrustedIsToldNothing) {
  (void)at_trunk("P-Asserted-Identity: <sip:alice@example.org>");
  alice.inbox.clear();
  call(node, "sip:+4930124@example.org", "P-Preferred-Identity: <sip:alice@example.org>");
  world.send(first, node, respond(first.take(), 503, "gw"));
  const auto other = second.take_message();
  EXPECT_EQ(other.request_uri(), "sip:+4930124@198.51.100.2;user=phone");
  EXPECT_THAT(asserted(other), IsEmpty());
  EXPECT_FALSE(other.has(HeaderId::p_preferred_identity));
}

TEST_F(AssertedIdentityTest, WhatAServerThatIsTrustedSaysIsPassedOn) {
  const std::string said = "\"Eve\" <sip:eve@elsewhere.example>, <tel:+4930777>";
  const auto invite = [&](const std::string& more) {
    auto text = request("sip:+4930123@example.org", more);
    text.replace(text.find("192.0.2.1:5060"), 14, "192.0.2.50:5060");
    first.inbox.clear();
    world.send(server, node, text);
    return asserted(first.take_message());
  };
  EXPECT_THAT(invite("P-Asserted-Identity: " + said), ElementsAre(said));
  // If it says nothing else, its From is believed.
  EXPECT_THAT(invite("X: y"), ElementsAre("<sip:alice@example.org>"));
}

TEST_F(AssertedIdentityTest, PhonesAreToldWhatTheTrustedSay) {
  const std::string said = "P-Asserted-Identity: <tel:+4930777>";
  EXPECT_THAT(asserted(at_phone(first, said)), ElementsAre("<tel:+4930777>"));
  EXPECT_THAT(asserted(at_phone(server, said)), ElementsAre("<tel:+4930777>"));
  EXPECT_THAT(asserted(at_phone(first, said + "\r\nPrivacy: none")), ElementsAre("<tel:+4930777>"));
  for (const auto* privacy :
       {"id", "ID", "user;id", "header ; id;critical", "none\r\nPrivacy: id"}) {
    EXPECT_THAT(asserted(at_phone(first, said + "\r\nPrivacy: " + privacy)), IsEmpty()) << privacy;
  }
  // Not what anybody says, nor a trunk that is not trusted.
  EXPECT_THAT(asserted(at_phone(second, said)), IsEmpty());
  EXPECT_THAT(asserted(at_phone(alice, said)), IsEmpty());
  EXPECT_FALSE(
      at_phone(first, "P-Preferred-Identity: <sip:x@y>").has(HeaderId::p_preferred_identity));
}

TEST_F(AssertedIdentityTest, ResponsesAreNoOtherThing) {
  const std::string said = "P-Asserted-Identity: <sip:x@elsewhere.example>";
  const auto answer_to = [&](Phone& caller, Phone& called, const std::string& uri,
                             std::initializer_list<std::string> more) {
    caller.inbox.clear();
    called.inbox.clear();
    auto text = request(uri);
    text.replace(text.find("192.0.2.1:5060"), 14, caller.address.text());
    if (&caller == &alice) {
      world.send_authenticated(alice, node, text, "alice");
    } else {
      world.send(caller, node, text);
    }
    world.send(called, node, respond(called.take(), 180, "c", more));
    auto last = caller.take_message();
    while (!caller.inbox.empty())
      last = caller.take_message();
    EXPECT_EQ(last.status(), 180);
    return asserted(last);
  };
  const std::string number_uri = "sip:+4930123@example.org";
  EXPECT_THAT(answer_to(alice, first, number_uri, {said}),
              ElementsAre("<sip:x@elsewhere.example>"));
  EXPECT_THAT(answer_to(alice, first, number_uri, {said, "Privacy: id"}), IsEmpty());
  EXPECT_THAT(answer_to(server, first, number_uri, {said, "Privacy: id"}),
              ElementsAre("<sip:x@elsewhere.example>"));
  EXPECT_THAT(answer_to(alice, phone, "sip:bob@example.org", {said}), IsEmpty());
}

TEST_F(AssertedIdentityTest, WhoCallsAnonymouslySaysItToUsAlone) {
  const std::string anonymous = "anonymous@anonymous.invalid";
  const auto invite =
      at_trunk("Privacy: id\r\nP-Preferred-Identity: <sip:alice@example.org>", "alice", anonymous);
  EXPECT_THAT(asserted(invite), ElementsAre("<sip:alice@example.org>"));
  EXPECT_FALSE(invite.has(HeaderId::p_preferred_identity));
  EXPECT_EQ(invite.header(HeaderId::from), "<sip:anonymous@anonymous.invalid>;tag=f");
  // Not in another's name, and not without any.
  first.inbox.clear();
  world.send_authenticated(
      alice, node,
      request("sip:+4930123@example.org", "P-Preferred-Identity: <sip:bob@example.org>", "INVITE",
              anonymous),
      "alice");
  EXPECT_EQ(last_status(), 403);
  world.send(alice, node, request("sip:+4930123@example.org", {}, "INVITE", anonymous));
  EXPECT_EQ(last_status(), 404);
  EXPECT_TRUE(first.inbox.empty());
}

TEST_F(AssertedIdentityTest, ATrunkWithANameIsKnownByItsAddresses) {
  auto options = World::default_options();
  options.trunks = {{.uri = "sip:carrier.example:5060", .trusted = true}};
  auto& other = world.add_node("10.0.0.3", options);
  names.addresses["carrier.example"] = {"198.51.100.7", "198.51.100.1"};
  other.core.set_dns(&names);
  ASSERT_EQ(world.register_phone(phone, other, "bob", "<sip:bob@192.0.2.7>").status(), 200);
  const auto is_told = [&] {
    auto text = request("sip:bob@example.org", "P-Asserted-Identity: <tel:+4930777>", "INVITE",
                        "x@elsewhere.example");
    text.replace(text.find("192.0.2.1:5060"), 14, "198.51.100.1:5060");
    phone.inbox.clear();
    world.send(first, other, text);
    return !asserted(phone.take_message()).empty();
  };
  EXPECT_FALSE(is_told());
  other.core.start_trunks();
  EXPECT_TRUE(is_told());
  // It is asked again; what nobody answers changes nothing.
  names.broken = true;
  world.advance(seconds{200});
  EXPECT_TRUE(is_told());
  names.broken = false;
  names.addresses["carrier.example"] = {"198.51.100.8"};
  world.advance(seconds{61});
  EXPECT_FALSE(is_told());
}

TEST_F(AssertedIdentityTest, PeersTrustEachOther) {
  auto& far = world.add_node("10.0.0.2");
  auto& carols = world.connect_phone(far, "192.0.2.9", 40009);
  ASSERT_EQ(
      world.register_phone(carols, far, "carol", "<sip:carol@192.0.2.9;transport=tcp>").status(),
      200);
  auto text = request("sip:carol@example.org", "P-Asserted-Identity: <tel:+4930777>", "INVITE",
                      "x@elsewhere.example");
  text.replace(text.find("192.0.2.1:5060"), 14, "198.51.100.1:5060");
  world.send(first, node, text);
  EXPECT_THAT(asserted(carols.take_message()), ElementsAre("<tel:+4930777>"));
}

}  // namespace
}  // namespace carillon::sip
