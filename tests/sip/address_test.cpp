#include "sip/address.hpp"

#include <gtest/gtest.h>

namespace carillon::sip {
namespace {

TEST(CanonicalIp, KeepsIpv4) {
  EXPECT_EQ(canonical_ip("192.0.2.1"), "192.0.2.1");
}

TEST(CanonicalIp, ShortensIpv6AsRfc5952Says) {
  EXPECT_EQ(canonical_ip("[2001:DB8:0:0:0:0:0:1]"), "2001:db8::1");
  EXPECT_EQ(canonical_ip("2001:db8::0:1"), "2001:db8::1");
  EXPECT_EQ(canonical_ip("::"), "::");
  EXPECT_EQ(canonical_ip("::1"), "::1");
  EXPECT_EQ(canonical_ip("fe80::"), "fe80::");
  EXPECT_EQ(canonical_ip("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  EXPECT_EQ(canonical_ip("1:0:2:3:4:5:6:7"), "1:0:2:3:4:5:6:7");
  EXPECT_EQ(canonical_ip("::ffff:192.0.2.1"), "::ffff:c000:201");
}

TEST(CanonicalIp, KnowsWhatIsNone) {
  for (const auto* text : {"", "example.org", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", ":",
                           ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                           "12345::", "g::", "[1.2.3.4]", "1:2:3:4:5:6:7:", "[::1", "1.2.3.x"}) {
    EXPECT_FALSE(canonical_ip(text)) << text;
  }
}

TEST(HostPort, HasBracketsAroundIpv6) {
  EXPECT_EQ((HostPort{"192.0.2.1", 5060}).text(), "192.0.2.1:5060");
  EXPECT_EQ((HostPort{"2001:db8::1", 5060}).text(), "[2001:db8::1]:5060");
}

}  // namespace
}  // namespace carillon::sip
