#include "base/hex.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"

namespace carillon {
namespace {

TEST(Hex, RoundTrips) {
  const auto octets = from_hex("00 ff\nA5");
  ASSERT_TRUE(octets.has_value());
  EXPECT_EQ(*octets, (Bytes{0x00, 0xff, 0xa5}));
  EXPECT_EQ(to_hex(*octets), "00ffa5");
}

TEST(Hex, SaysWhereItBroke) {
  EXPECT_EQ(from_hex("00g0").error().offset, 2U);
  EXPECT_FALSE(from_hex("abc").has_value());
}

TEST(Hash, KnownAnswers) {
  // RFC 6940's overlay identifier of "overlay.example.org" ends in 9aa32b8d.
  EXPECT_EQ(to_hex(sha1(as_bytes("overlay.example.org"))).substr(32), "9aa32b8d");
  EXPECT_EQ(to_hex(md5(as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))).substr(0, 16), "ba7816bf8f01cfea");
}

}  // namespace
}  // namespace carillon
