#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "sip/world.hpp"

// The messages of RFC 4475, octet by octet (its appendix A), against a whole core. What they are
// about beyond a registrar and proxy is not looked at.

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
        status = parsed(octets).status();
      };
    }
    if (user.empty()) {
      world.send(*world.phones[0], node, text);
    } else {
      world.send_authenticated(*world.phones[0], node, text, user);
    }
    return status;
  }
};

TEST_F(Torture, ValidMessagesPass) {
  // 404: the domain is ours, the user is not known. 403: the domain is not ours.
  const std::map<std::string, int> expected{
      {"wsinv", 403},      {"intmeth", 404}, {"esc01", 403},     {"esc02", 403},
      {"lwsdisp", 480},    {"longreq", 480}, {"dblreq", 401},    {"semiuri", 404},
      {"transports", 480}, {"mpart01", 403}, {"baddate", 480},   {"invut", 480},
      {"sdp01", 480},      {"inv2543", 404}, {"badbranch", 480}, {"regaut01", 401}};
  for (const auto& [name, status] : expected)
    EXPECT_EQ(answer(message(name)), status) << name;
}

TEST_F(Torture, BrokenRequestsAreRefused) {
  for (const auto* name :
       {"badinv01", "clerr", "ncl", "scalar02", "quotbal", "ltgtruri", "lwsruri", "lwsstart",
        "trws", "escruri", "mismatch01", "mismatch02", "insuf", "multi01", "mcl01", "baddn"}) {
    EXPECT_EQ(answer(message(name)), 400) << name;
  }
  EXPECT_EQ(answer(message("badvers")), 505);
  EXPECT_EQ(answer(message("unkscm")), 416);
  EXPECT_EQ(answer(message("novelsc")), 416);
  EXPECT_EQ(answer(message("unksm2")), 404);
  EXPECT_EQ(answer(message("bext01")), 420);
  EXPECT_EQ(answer(message("zeromf")), 483);
}

TEST_F(Torture, ANulIsRefusedThoughItWouldBeValid) {
  // libosip2 would cut the user short and thus let one user pass for another.
  EXPECT_EQ(answer(message("escnull")), 400);
}

TEST_F(Torture, ResponsesThatNobodyWaitsForAreDropped) {
  for (const auto* name : {"scalarlg", "bigcode", "bcast", "unreason", "noreason"}) {
    EXPECT_EQ(answer(message(name)), 0) << name;
  }
}

TEST_F(Torture, RegistrationsAreReadAsTheyAreMeant) {
  EXPECT_EQ(answer(message("cparam01"), "watson"), 200);
  EXPECT_EQ(answer(message("cparam02"), "watson"), 200);
  EXPECT_EQ(answer(message("regescrt"), "user"), 200);
  EXPECT_EQ(answer(message("regbadct"), "user"), 400);
  EXPECT_EQ(answer(message("dblreq"), "j.user"), 200);
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
