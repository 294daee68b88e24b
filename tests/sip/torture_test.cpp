#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sip/uri.hpp"
#include "sip/world.hpp"

// The messages of RFC 4475, octet by octet (its appendix A), against a whole core: for each, what
// its section says that a proxy or registrar must, should or may do.

namespace carillon::sip {
namespace {

using test::Node;
using test::parsed;
using test::Phone;
using test::World;

std::string message(const std::string& name) {
  const auto path = std::filesystem::path{CARILLON_TORTURE_DIR} / (name + ".dat");
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Torture : public testing::Test {
 protected:
  static SipOptions options() {
    auto out = World::default_options();
    out.domains = {"example.com", "example.org", "company.com", "2001:db8::10"};
    out.authenticate_requests = false;
    return out;
  }
  /// The status of the final answer; 0: there was none.
  int answer(const std::string& text, const std::string& user = {}) {
    World world;
    for (const auto* name : {"watson", "j.user", "user", "null-%00-null"}) {
      world.credentials.add(std::string{name} + "@example.com", "secret");
    }
    auto& node = world.add_node("10.0.0.1", options());
    int status = 0;
    // The answer goes to the port of the Via.
    for (const auto port :
         std::initializer_list<std::uint16_t>{5060, 5061, 5050, 5070, 6050, 19823}) {
      auto& phone = world.add_phone("192.0.2.1", port);
      phone.on_message = [&](const std::string& octets) {
        phone.inbox.push_back(octets);
        last = octets;
        status = parsed(octets).status();
        last_contacts = parsed(octets).count(HeaderId::contact);
      };
    }
    if (user.empty()) {
      world.send(*world.phones[0], node, text);
    } else {
      world.send_authenticated(*world.phones[0], node, text, user);
    }
    return status;
  }
  std::string last;  ///< The last answer,
  std::size_t last_contacts{0};
};

/// Whom the Request-URI of a message means, and in which domain.
struct Called {
  std::string name;
  std::string aor;
};

/// The message as it goes out to the phone of `whom`; empty if nothing does.
std::string forwarded(const std::string& octets, const std::string& whom) {
  World world;
  auto options = World::default_options();
  options.domains = {whom.substr(whom.rfind('@') + 1)};
  options.names = {"services.example.com"};  // wsinv comes by it.
  options.authenticate_requests = false;
  auto& node = world.add_node("10.0.0.1", options);
  auto& caller = world.add_phone("192.0.2.1");
  auto& called = world.add_phone("192.0.2.200");
  OwnEntry entry;
  entry.bindings.push_back({.contact = "sip:target@192.0.2.200",
                            .received = "udp:192.0.2.200:5060",
                            .updated = world.now.wall,
                            .expires = world.now.wall + seconds{3600}});
  world.locations.entries[whom]["peer-elsewhere"] = entry;
  world.send(caller, node, octets);
  return called.take();
}

// 3.1.1, 3.3 and 3.4: "well-formed", "a proxy would forward this request normally", "would process
// it just as any other". The phone gets what cannot be known unchanged.
TEST_F(Torture, WellFormedRequestsAreForwarded) {
  const std::vector<Called> all{
      {"wsinv", "vivekg@chair-dnrc.example.com"},                                   // 3.1.1.1
      {"intmeth", "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com"},  // 3.1.1.2
      {"esc01", "sips:user@example.com@example.net"},                               // 3.1.1.3
      {"lwsdisp", "user@example.com"},                                              // 3.1.1.6
      {"longreq", "user@example.com"},                                              // 3.1.1.7
      {"semiuri", "user;par=u@example.net@example.com"},                            // 3.1.1.9
      {"transports", "user@example.com"},                                           // 3.1.1.10
      {"baddate", "user@example.com"},    // 3.1.2.12: "shouldn't" be rejected for its date.
      {"badbranch", "user@example.com"},  // 3.2.1: as RFC 2543 had it.
      {"invut", "user@example.com"},      // 3.3.6
      {"sdp01", "user@example.com"},      // 3.3.15: for the phone to say.
      {"inv2543", "UserB@example.com"},   // 3.4.1
  };
  for (const auto& [name, whom] : all) {
    const auto original = message(name);
    const auto out = forwarded(original, whom);
    ASSERT_FALSE(out.empty()) << name;
    const auto before = parsed(original);
    const auto after = parsed(out);
    EXPECT_EQ(after.method_text(), before.method_text()) << name;
    EXPECT_EQ(after.request_uri(), "sip:target@192.0.2.200") << name;
    for (const auto id : {HeaderId::from, HeaderId::to, HeaderId::call_id, HeaderId::contact}) {
      EXPECT_EQ(after.header(id), before.header(id)) << name;
    }
    EXPECT_EQ(after.count(HeaderId::via), before.count(HeaderId::via) + 1) << name;
    EXPECT_EQ(after.body(), before.body()) << name;
  }
}

TEST_F(Torture, ShortTortuousInviteKeepsWhatIsUnknown) {  // 3.1.1.1
  const auto out = forwarded(message("wsinv"), "vivekg@chair-dnrc.example.com");
  EXPECT_NE(out.find("UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"), std::string::npos) << out;
  EXPECT_NE(out.find("NewFangledHeader: "), std::string::npos);
  EXPECT_EQ(parsed(out).header(HeaderId::max_forwards), "67") << "0068 less one";
  EXPECT_EQ(parsed(out).cseq()->number, 9U);
}

TEST_F(Torture, PercentIsNoEscapeInAMethod) {  // 3.1.1.5: it is NOT equivalent to REGISTER.
  const auto out = forwarded(message("esc02"), "x@example.com");
  EXPECT_TRUE(out.empty());
  const auto read = parsed(message("esc02"));
  EXPECT_EQ(read.method(), Method::other);
  EXPECT_EQ(read.count(HeaderId::contact), 2U) << "two, not three";
  EXPECT_EQ(answer(message("esc02")), 403) << "another's domain";
}

TEST_F(Torture, EscapedNulsAreKept) {  // 3.1.1.4: it registers two distinct contacts.
  EXPECT_EQ(answer(message("escnull"), "null-%00-null"), 200);
  EXPECT_EQ(Uri::parse("sip:null-%00-null@example.com")->user, "null-%00-null");
  EXPECT_FALSE(equivalent(*Uri::parse("sip:%00@h"), *Uri::parse("sip:%00%00@h")));
  EXPECT_FALSE(Uri::parse("sip:null-%2500-null@example.com")) << "would look the same";
  EXPECT_EQ(last_contacts, 2U);
}

TEST_F(Torture, ExtraOctetsInADatagramAreNoise) {  // 3.1.1.8
  EXPECT_EQ(answer(message("dblreq"), "j.user"), 200);
  const auto read = parsed(message("dblreq"));
  EXPECT_TRUE(read.body().empty());
  EXPECT_EQ(read.serialize().find("INVITE"), std::string::npos);
}

TEST_F(Torture, BodiesWithNulsAreFramed) {  // 3.1.1.11; its Route leads elsewhere.
  const auto octets = message("mpart01");
  const auto body = octets.substr(octets.find("\r\n\r\n") + 4);
  EXPECT_NE(body.find('\0'), std::string::npos);
  EXPECT_EQ(parsed(octets).body(), body);
  EXPECT_TRUE(parsed(octets).defect().empty());
  EXPECT_EQ(answer(octets), 403);
}

TEST_F(Torture, ReasonPhrasesMayBeAnythingOrNothing) {  // 3.1.1.12, 3.1.1.13
  EXPECT_EQ(parsed(message("unreason")).reason(),
            "= 2**3 * 5**2 но сто девяносто девять - простое");
  EXPECT_EQ(parsed(message("noreason")).reason(), "");
  for (const auto* name : {"unreason", "noreason"})
    EXPECT_TRUE(parsed(message(name)).defect().empty()) << name;
}

// 3.1.2, 3.3.1, 3.3.8, 3.3.9: "should respond with a 400", or may.
TEST_F(Torture, BrokenRequestsAreRefused) {
  for (const auto* name :
       {"badinv01", "clerr", "ncl", "scalar02", "quotbal", "ltgtruri", "lwsruri", "lwsstart",
        "trws", "escruri", "baddn", "mismatch01", "mismatch02", "insuf", "multi01", "mcl01"}) {
    EXPECT_EQ(answer(message(name)), 400) << name;
  }
  EXPECT_EQ(answer(message("regbadct"), "user"), 400);  // 3.1.2.13
  EXPECT_EQ(answer(message("badaspec")), 404);          // 3.1.2.14: the spaces are ignored.
  EXPECT_EQ(answer(message("badvers")), 505);           // 3.1.2.16
  EXPECT_EQ(answer(message("unkscm")), 416);            // 3.3.2
  EXPECT_EQ(answer(message("novelsc")), 416);           // 3.3.3
  EXPECT_EQ(answer(message("unksm2")), 400);            // 3.3.4: "a registrar would".
  EXPECT_EQ(answer(message("zeromf")), 483);            // 3.3.11
}

TEST_F(Torture, ExtensionsThatAreNotKnownAreListed) {  // 3.3.5
  EXPECT_EQ(answer(message("bext01")), 420);
  EXPECT_NE(last.find("Unsupported: "), std::string::npos);
  for (const auto& tag : parsed(message("bext01")).tokens(HeaderId::proxy_require))
    EXPECT_NE(last.find(tag), std::string::npos) << tag;
}

// 3.1.2.3, 3.3.9: "the framing error is not recoverable, and the connection should be closed"; and
// 3.1.2.2, where more may come.
TEST_F(Torture, OverAStreamWhatCannotBeFramedEndsTheConnection) {
  for (const auto* name : {"ncl", "mcl01"}) {
    World world;
    auto& node = world.add_node("10.0.0.1", options());
    auto& phone = world.connect_phone(node, "192.0.2.1", 40000);
    world.send(phone, message(name));
    EXPECT_FALSE(phone.connected) << name;
  }
  World world;
  auto& node = world.add_node("10.0.0.1", options());
  auto& phone = world.connect_phone(node, "192.0.2.1", 40000);
  world.send(phone, message("clerr"));
  EXPECT_TRUE(phone.connected);
  EXPECT_TRUE(phone.inbox.empty());
}

TEST_F(Torture, UnknownCredentialsAreAskedForAnew) {  // 3.3.7
  EXPECT_EQ(answer(message("regaut01")), 401);
  EXPECT_NE(last.find("WWW-Authenticate: Digest "), std::string::npos);
}

// 3.1.2.5, 3.1.2.19, 3.3.10: "simply discard", "simply drop".
TEST_F(Torture, ResponsesThatNobodyWaitsForAreDropped) {
  for (const auto* name : {"scalarlg", "bigcode", "bcast", "unreason", "noreason"}) {
    EXPECT_EQ(answer(message(name)), 0) << name;
  }
}

TEST_F(Torture, ParametersBelongToTheContactOrToItsUri) {
  EXPECT_EQ(answer(message("cparam01"), "watson"), 200);  // 3.3.12
  EXPECT_NE(last.find("<sip:+19725552222@gw1.example.net>"), std::string::npos) << last;
  EXPECT_EQ(answer(message("cparam02"), "watson"), 200);  // 3.3.13
  EXPECT_NE(last.find("<sip:+19725552222@gw1.example.net;unknownparam>"), std::string::npos);
  EXPECT_EQ(answer(message("regescrt"), "user"), 200);  // 3.3.14
  EXPECT_NE(last.find("?Route=%3Csip:sip.example.com%3E>"), std::string::npos) << last;
}

// A message of the appendix that no section speaks of: no SIP at all.
TEST_F(Torture, WhatIsNoMessageIsDropped) {
  EXPECT_EQ(answer(message("test")), 0);
}

// RFC 5118. The lengths of three bodies there are not those of what is printed; here they are.
TEST_F(Torture, Ipv6IsReadAsRfc5118Says) {
  const std::map<std::string, int> expected{
      {"ipv6-good", 401},       // It is for us, and registers.
      {"ipv6-bad", 400},        // No brackets.
      {"port-ambiguous", 404},  // Well formed, but another address than was meant: not ours.
      {"port-unambiguous", 401},
      {"via-received-param-with-delim", 404},  // A BYE for nobody; that it was read is what counts.
      {"via-received-param-no-delim", 200},
      {"ipv6-in-sdp", 404},  // Ours, but there is no such user.
      {"mult-ip-in-header", 403},
      {"mult-ip-in-sdp", 404},
      {"ipv4-mapped-ipv6", 480},
      {"ipv6-bug-abnf-3-colons", 403},
      {"ipv6-correct-abnf-2-colons", 403}};
  for (const auto& [name, status] : expected)
    EXPECT_EQ(answer(message(name)), status) << name;
}

}  // namespace
}  // namespace carillon::sip
