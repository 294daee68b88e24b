// What is plain is taken apart without libosip2; it must come out as if libosip2 had done it.
#include "sip/plain_syntax.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "sip/digest.hpp"
#include "sip/uri.hpp"
#include "sip/via.hpp"

namespace carillon::sip {
namespace {

/// Many texts that start with `start` and go on with up to ten of `pieces`. Each must be taken or
/// refused by both, and mean the same; enough of them must be taken to say anything.
template <typename Value>
void compare(std::string_view start, const std::vector<std::string_view>& pieces) {
  SeededRandom random{1};
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text{start};
    for (auto count = random.below(10) + 1; count != 0; --count)
      text += pieces[random.below(pieces.size())];
    const auto ours = Value::parse(text);
    const auto theirs = Value::parse_with_library(text);
    ASSERT_EQ(ours.has_value(), theirs.has_value()) << text;
    if (!ours) continue;
    ASSERT_EQ(*ours, *theirs) << text;
    ++taken;
  }
  EXPECT_GT(taken, 1'000);
}

TEST(PlainSyntax, UriIsAsLibosip2TakesIt) {
  const std::vector<std::string_view> pieces{"alice",
                                             "Bob-1.x_+~*!'`",
                                             "@",
                                             "@",
                                             "a%41",
                                             "%00",
                                             "%2500",
                                             "Example.ORG",
                                             "192.0.2.1",
                                             "host",
                                             "[2001:db8::1]",
                                             ":",
                                             ":",
                                             "5060",
                                             "0",
                                             "65536",
                                             "0005060",
                                             ";",
                                             ";",
                                             "transport=tcp",
                                             ";lr",
                                             "=",
                                             "user",
                                             "?",
                                             "h=v",
                                             "&",
                                             "(",
                                             "/",
                                             ",",
                                             "\xe4"};
  compare<Uri>("sip:", pieces);
  compare<Uri>("sips:bob@host", pieces);
  compare<Uri>("", {"sip", "SIP", "sips", ":", "tel:", "a", "b@", "h", ";", "x=y", " "});
}

TEST(PlainSyntax, ViaIsAsLibosip2TakesIt) {
  const std::vector<std::string_view> pieces{"host",      "Example.ORG",
                                             "192.0.2.1", "[2001:db8::1]",
                                             ":",         ":",
                                             "5060",      "0",
                                             "65536",     "0005060",
                                             ";",         ";",
                                             ";",         "branch=z9hG4bK-1",
                                             ";rport",    "=",
                                             "a%41",      "\"q\"",
                                             "received=", "192.0.2.2",
                                             " ",         "(c)",
                                             ",",         "\xe4"};
  compare<Via>("SIP/2.0/UDP ", pieces);
  compare<Via>("SIP/2.0/TCP host", pieces);
  compare<Via>("", {"SIP", "/", "/", "2.0", "/UDP ", "SIP/2.0/UDP ", "SIP/2.0/udp ", "SIP/2.0/T2 ",
                    " ", "h", ";a", ":1"});
}

TEST(PlainSyntax, CredentialsAreAsLibosip2TakesThem) {
  const std::vector<std::string_view> pieces{"username=\"bob\"",
                                             "realm=\"example.org\"",
                                             "nonce=\"n\"",
                                             "uri=\"sip:a,b=c\"",
                                             "response=\"r\"",
                                             "algorithm=MD5",
                                             "cnonce=\"\"",
                                             "qop=auth",
                                             "qop=\"auth\"",
                                             "nc=1",
                                             "nc=00000001",
                                             "opaque=\"o\"",
                                             "Realm=\"x\"",
                                             "realm=\"a\\\"b\"",
                                             "realm=\"c",
                                             ", ",
                                             ",",
                                             ", ",
                                             ", ",
                                             " "};
  const std::string_view whole = "Digest username=\"a\", nonce=\"b\", uri=\"c\", response=\"d\"";
  compare<DigestCredentials>(whole, pieces);
  compare<DigestCredentials>(std::string{whole} + ", ", pieces);
  compare<DigestCredentials>(
      "Digest ",
      {"username=\"a\",", "nonce=\"b\",", "uri=\"c\",", "response=\"d\",", "nc=1", "nc=12",
       "nc=123", "qop=a", "realm=\"\"", " ", "username=\"a\",nonce=\"b\",uri=\"c\","});
}

}  // namespace
}  // namespace carillon::sip
