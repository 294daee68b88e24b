#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/gruu.hpp"
#include "sip/name_address.hpp"
#include "sip/world.hpp"

// RFC 5626 (flows), RFC 5627 (GRUU), RFC 3608 (Service-Route), RFC 8599 (push parameters).

namespace carillon::sip {
namespace {

using test::lines;
using test::Node;
using test::parsed;
using test::Phone;
using test::respond;
using test::World;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string urn = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const std::string instance_param = ";+sip.instance=\"<" + urn + ">\"";

class OutboundTest : public testing::Test {
 protected:
  static SipOptions shared() {
    auto options = World::default_options();
    options.overlay_secret = Bytes(32, 7);
    return options;
  }
  SipMessage register_flow(Phone& phone, Node& node, const std::string& more = {}, int reg_id = 1) {
    return world.register_phone(phone, node, "bob",
                                "<sip:bob@" + phone.address.text() + ";transport=tcp>" +
                                    instance_param + ";reg-id=" + std::to_string(reg_id),
                                "Supported: path, outbound, gruu\r\n" + more);
  }
  /// A GRUU of the 200, by the name of its parameter.
  static std::string gruu(const SipMessage& response, std::string_view name) {
    const auto contact = NameAddress::parse(response.header(HeaderId::contact));
    if (!contact) return {};
    std::string text{param_value(contact->params, name)};
    std::erase(text, '"');
    return text;
  }
  std::string call(Phone& from, Node& node, const std::string& uri) {
    const auto n = std::to_string(++number);
    world.send_authenticated(
        from, node,
        lines({"INVITE " + uri + " SIP/2.0",
               "Via: SIP/2.0/UDP " + from.address.text() + ";branch=z9hG4bKo" + n + ";rport",
               "Max-Forwards: 70", "From: <sip:alice@example.org>;tag=f" + n, "To: <" + uri + ">",
               "Call-ID: gruu" + n, "CSeq: 1 INVITE", "Contact: <sip:alice@192.0.2.9>"}),
        "alice");
    std::string last;
    while (!from.inbox.empty())
      last = from.take();
    return last;
  }

  World world;
  Node& one = world.add_node("10.0.0.1", shared());
  Node& two = world.add_node("10.0.0.2", shared());
  Phone& alice = world.add_phone("192.0.2.9");
  int number{0};
};

TEST_F(OutboundTest, TellsThatFlowsAreKeptAndForHowLong) {
  auto& phone = world.connect_phone(one, "192.0.2.1", 40000);
  const auto response = register_flow(phone, one);
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.header(HeaderId::require), "outbound");
  EXPECT_THAT(response.serialize(), HasSubstr("Flow-Timer: 120\r\n"));
  EXPECT_THAT(std::string{response.header(HeaderId::contact)}, HasSubstr(";reg-id=1"));
  // Who does not know of it is told nothing.
  auto& plain = world.connect_phone(one, "192.0.2.2", 40000);
  const auto other =
      world.register_phone(plain, one, "carol", "<sip:carol@192.0.2.2:40000;transport=tcp>");
  EXPECT_FALSE(other.has(HeaderId::require));
  EXPECT_THAT(other.serialize(), Not(HasSubstr("Flow-Timer")));
}

TEST_F(OutboundTest, ASilentFlowEndsAndItsBindingToo) {
  auto& silent = world.connect_phone(one, "192.0.2.1", 40000);
  auto& alive = world.connect_phone(one, "192.0.2.1", 40001);
  ASSERT_EQ(register_flow(silent, one).status(), 200);
  ASSERT_EQ(register_flow(alive, one, {}, 2).status(), 200);
  EXPECT_EQ(one.core.gauges().bindings, 2U);
  for (int i = 0; i < 4; ++i) {
    world.advance(seconds{60});
    world.send(alive, "\r\n\r\n");
  }
  EXPECT_FALSE(silent.connected);
  EXPECT_TRUE(alive.connected);
  EXPECT_EQ(one.core.gauges().bindings, 1U);
}

TEST_F(OutboundTest, AFirstHopThatLacksOutboundIs439) {
  const auto text = [&](const std::string& path) {
    return lines({"REGISTER sip:example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKp" + std::to_string(++number),
                  "Via: SIP/2.0/TCP 192.0.2.77:5060;branch=z9hG4bKq", "Max-Forwards: 70",
                  "From: <sip:bob@example.org>;tag=f", "To: <sip:bob@example.org>",
                  "Call-ID: first-hop", "CSeq: " + std::to_string(number) + " REGISTER",
                  "Supported: path, outbound", "Path: " + path,
                  "Contact: <sip:bob@192.0.2.77>;reg-id=1" + instance_param});
  };
  world.send_authenticated(alice, one, text("<sip:192.0.2.9;lr>"), "bob");
  const auto refused = alice.take_message();
  EXPECT_EQ(refused.status(), 439);
  EXPECT_EQ(refused.reason(), "First Hop Lacks Outbound Support");
  number += 10;
  world.send_authenticated(alice, one, text("<sip:192.0.2.8;lr>, <sip:192.0.2.9;lr;ob>"), "bob");
  EXPECT_EQ(alice.take_message().status(), 200);
}

TEST_F(OutboundTest, RequiresWhatItKnows) {
  for (const auto* tag : {"path", "outbound", "gruu"}) {
    auto& phone = world.add_phone("192.0.2.1", static_cast<std::uint16_t>(5000 + ++number));
    const auto response = world.register_phone(phone, one, "bob", "<sip:bob@192.0.2.1>",
                                               "Require: " + std::string{tag} + "\r\n");
    EXPECT_EQ(response.status(), 200) << tag;
  }
}

TEST_F(OutboundTest, AGruuMeansOnePhone) {
  auto& bob = world.connect_phone(one, "192.0.2.1", 40000);
  auto& other = world.add_phone("192.0.2.2");
  const auto response = register_flow(bob, one);
  ASSERT_EQ(world.register_phone(other, two, "bob", "<sip:bob@192.0.2.2>").status(), 200);
  const auto permanent = gruu(response, "pub-gruu");
  const auto temporary = gruu(response, "temp-gruu");
  EXPECT_EQ(permanent, "sip:bob@example.org;gr=" + urn);
  EXPECT_THAT(temporary,
              AllOf(StartsWith("sip:tgruu."), HasSubstr("@example.org;gr"), Not(HasSubstr("bob"))));
  // Through any peer: they share the secret.
  for (auto* node : {&one, &two}) {
    for (const auto& uri : {permanent, temporary}) {
      call(alice, *node, uri);
      const auto invite = bob.take();
      EXPECT_THAT(invite, StartsWith("INVITE sip:bob@192.0.2.1:40000")) << uri;
      EXPECT_TRUE(other.inbox.empty());
    }
  }
  const std::string nobody = "sip:bob@example.org;gr=urn:uuid:00000000-0000-0000-0000-000000000000";
  EXPECT_THAT(call(alice, one, nobody), StartsWith("SIP/2.0 480"));
  EXPECT_THAT(call(alice, one, "sip:tgruu.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@example.org;gr"),
              StartsWith("SIP/2.0 404"));
}

TEST_F(OutboundTest, ATemporaryGruuEndsWithItsRegistration) {
  auto& bob = world.add_phone("192.0.2.1");
  const auto contact = "<sip:bob@192.0.2.1>" + instance_param;
  const std::string supported = "Supported: gruu\r\n";
  const auto first = gruu(world.register_phone(bob, one, "bob", contact, supported), "temp-gruu");
  world.advance(seconds{2});
  // A refresh brings another one; the first stays good.
  const auto second = gruu(world.register_phone(bob, one, "bob", contact, supported), "temp-gruu");
  EXPECT_NE(first, second);
  call(alice, two, first);
  EXPECT_THAT(bob.take(), StartsWith("INVITE "));
  // The phone has restarted: another Call-ID.
  bob.address.port = 5060;
  auto request =
      lines({"REGISTER sip:example.org SIP/2.0",
             "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnew;rport", "Max-Forwards: 70",
             "From: <sip:bob@example.org>;tag=n", "To: <sip:bob@example.org>", "Call-ID: another",
             "CSeq: 1 REGISTER", "Supported: gruu", "Contact: " + contact});
  world.send_authenticated(bob, one, request, "bob");
  const auto third = gruu(bob.take_message(), "temp-gruu");
  EXPECT_THAT(call(alice, two, first), StartsWith("SIP/2.0 480"));
  call(alice, two, third);
  EXPECT_THAT(bob.take(), StartsWith("INVITE "));
}

TEST(GruusTest, CannotBeMadeUpNorRead) {
  SeededRandom random{1};
  const Gruus ours{Bytes(32, 1), random};
  const Gruus same{Bytes(32, 1), random};
  const Gruus others{Bytes(32, 2), random};
  const auto text =
      ours.make_temporary("bob@example.org", "<" + urn + ">", "call", wall_time(1'000));
  const auto uri = Uri::parse(text);
  ASSERT_TRUE(uri.has_value());
  const auto read = same.read(*uri, "example.org");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->aor, "bob@example.org");
  EXPECT_FALSE(others.read(*uri, "example.org"));
  EXPECT_FALSE(same.read(*uri, "example.net"));
  for (std::size_t i = 6; i < uri->user.size(); ++i) {
    auto forged = *uri;
    forged.user[i] = forged.user[i] == 'A' ? 'B' : 'A';
    const auto found = same.read(forged, "example.org");
    // The last characters of base64 may carry bits that say nothing.
    EXPECT_TRUE(!found || i + 1 == uri->user.size()) << i;
  }
  EXPECT_EQ(Gruus::make_public("bob@example.org", "no urn"), "");
  EXPECT_EQ(Gruus::make_public("b;ob@example.org", "<" + urn + ">"), "");
}

TEST_F(OutboundTest, ServiceRouteIsAnOption) {
  auto options = shared();
  options.service_route = true;
  auto& node = world.add_node("10.0.0.3", options);
  auto& phone = world.connect_phone(node, "192.0.2.1", 40000);
  const auto response = register_flow(phone, node);
  EXPECT_THAT(response.serialize(),
              HasSubstr("Service-Route: <sip:10.0.0.3:5060;transport=tcp;lr>"));
  // Along that route a phone can call.
  auto& bob = world.add_phone("192.0.2.3");
  ASSERT_EQ(world.register_phone(bob, one, "carol", "<sip:carol@192.0.2.3>").status(), 200);
  world.send_authenticated(
      phone, node,
      lines({"INVITE sip:carol@example.org SIP/2.0",
             "Via: SIP/2.0/TCP 192.0.2.1:40000;branch=z9hG4bKsr;rport", "Max-Forwards: 70",
             "Route: <sip:10.0.0.3:5060;transport=tcp;lr>", "From: <sip:bob@example.org>;tag=f",
             "To: <sip:carol@example.org>", "Call-ID: sr", "CSeq: 1 INVITE",
             "Contact: <sip:bob@192.0.2.1:40000;transport=tcp>"}),
      "bob");
  EXPECT_THAT(bob.take(), StartsWith("INVITE "));
}

TEST_F(OutboundTest, PushParametersAreKeptAndHandedOn) {
  auto& phone = world.add_phone("192.0.2.1");
  const std::string contact =
      "sip:bob@192.0.2.1;pn-provider=acme;pn-param=acme-param;pn-prid=ZTY4ZDJlMzODE1NmUgKi0K";
  const auto response = world.register_phone(phone, one, "bob", "<" + contact + ">");
  EXPECT_THAT(std::string{response.header(HeaderId::contact)}, HasSubstr("<" + contact + ">"));
  call(alice, two, "sip:bob@example.org");
  EXPECT_EQ(phone.take_message().request_uri(), contact);
}

TEST_F(OutboundTest, ContactsOfAUserAreCountedAtAllPeers) {
  auto options = shared();
  options.limits.bindings_per_aor = 2;
  auto& node = world.add_node("10.0.0.3", options);
  auto& a = world.add_phone("192.0.2.1");
  auto& b = world.add_phone("192.0.2.2");
  auto& c = world.add_phone("192.0.2.3");
  EXPECT_EQ(world.register_phone(a, one, "bob", "<sip:bob@192.0.2.1>").status(), 200);
  EXPECT_EQ(world.register_phone(b, node, "bob", "<sip:bob@192.0.2.2>").status(), 200);
  EXPECT_EQ(world.register_phone(c, node, "bob", "<sip:bob@192.0.2.3>").status(), 403);
  EXPECT_EQ(world.register_phone(a, node, "bob", "<sip:bob@192.0.2.1>").status(), 200);
}

TEST_F(OutboundTest, FlowsToAPeerThatDiedDoNotLockTheirPhonesOut) {
  auto options = shared();
  options.limits.bindings_per_aor = 3;
  auto& dies = world.add_node("10.0.0.3", options);
  auto& lives = world.add_node("10.0.0.4", options);
  const auto contacts = [&](Node& node) {
    std::vector<std::string> found;
    node.locations.lookup("bob@example.org", [&](auto located) {
      for (const auto& one_of_them : *located)
        found.push_back(one_of_them.binding.contact);
    });
    world.settle();
    return found;
  };
  const auto come = [&](Node& node, std::uint16_t port) {
    auto& phone = world.connect_phone(node, "192.0.2.1", port);
    const auto contact = "sip:bob@192.0.2.1:" + std::to_string(port) + ";transport=tcp";
    world.advance(milliseconds{10});
    return world.register_phone(phone, node, "bob", "<" + contact + ">").status();
  };
  for (std::uint16_t port = 1001; port <= 1003; ++port)
    ASSERT_EQ(come(dies, port), 200);
  EXPECT_EQ(come(dies, 1004), 403) << "nothing that lives here gives way";
  world.kill(dies);
  EXPECT_EQ(come(lives, 2001), 200);
  EXPECT_THAT(contacts(lives),
              testing::ElementsAre(HasSubstr(":2001"), HasSubstr(":1003"), HasSubstr(":1002")));
  EXPECT_EQ(come(lives, 2002), 200);
  EXPECT_EQ(come(lives, 2003), 200);
  EXPECT_EQ(come(lives, 2004), 403);
  EXPECT_THAT(contacts(lives),
              testing::ElementsAre(HasSubstr(":2003"), HasSubstr(":2002"), HasSubstr(":2001")));
}

}  // namespace
}  // namespace carillon::sip
