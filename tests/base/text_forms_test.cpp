// Octets and text as others want to read them.
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/checksum.hpp"
#include "base/xml_text.hpp"

namespace carillon {
namespace {

TEST(Base64Url, HasNothingThatAUriWouldEscape) {
  // RFC 4648, 10, and the two digits that differ from the standard alphabet's.
  EXPECT_EQ(to_base64url(as_bytes("foob")), "Zm9vYg");
  const Bytes octets{0xfb, 0xff, 0xbe};
  EXPECT_EQ(to_base64url(octets), "-_--");
  EXPECT_EQ(from_base64url("-_--").value(), octets);
  EXPECT_EQ(from_base64url("Zm9vYg").value(), to_bytes(as_bytes("foob")));
  EXPECT_FALSE(from_base64url("Zm9vYh").has_value()) << "bits left over";
  EXPECT_FALSE(from_base64url("A").has_value());
}

TEST(Checksum, IsTheOneThatEverybodyHas) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
}

TEST(XmlText, StaysText) {
  EXPECT_EQ(xml_escaped("<a b=\"1 & 2\">"), "&lt;a b=&quot;1 &amp; 2&quot;&gt;");
  EXPECT_EQ(xml_escaped("one\ttwo\nthree\x01"), "one\ttwo\nthree ");
}

}  // namespace
}  // namespace carillon
