#include "wire/ip_address_port.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace carillon::wire {
namespace {

TEST(IpAddressPort, TheExampleOfTheRfc) {
  const auto address = IpAddressPort::from_text("192.0.2.1:6084");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(to_hex(encode(*address)), "0106c000020117c4");
}

TEST(IpAddressPort, TextsThatComeBack) {
  // RFC 5952, 4: no leading zeros, the longest run of zeros, the first of equals, no single group.
  for (const char* text :
       {"192.0.2.1:6084", "0.0.0.0:0", "255.255.255.255:65535", "[::]:1", "[::1]:6084",
        "[1::]:6084", "[2001:db8::1]:1", "[2001:db8::1:0:0:1]:1", "[2001:db8:0:1:1:1:1:1]:1",
        "[fe80::1:2:3]:5060", "[1:2:3:4:5:6:7:8]:9", "[::2:3:4:5:6:7]:1", "[1:0:0:4::]:1"}) {
    const auto address = IpAddressPort::from_text(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->to_text(), text);
    EXPECT_EQ(decode_whole<IpAddressPort>(encode(*address)).value(), *address);
  }
}

TEST(IpAddressPort, OtherWaysToWriteTheSame) {
  EXPECT_EQ(IpAddressPort::from_text("[2001:DB8:0:0::1]:1").value().to_text(), "[2001:db8::1]:1");
  EXPECT_EQ(IpAddressPort::from_text("[::ffff:192.0.2.1]:1").value().to_text(),
            "[::ffff:c000:201]:1");
}

TEST(IpAddressPort, TextsThatAreNone) {
  for (const char* text : {"",
                           ":",
                           "192.0.2.1",
                           "192.0.2.1:",
                           "192.0.2.1:65536",
                           "192.0.2.1:-1",
                           "192.0.2:1",
                           "192.0.2.256:1",
                           "192.0.2.1.1:1",
                           "192.0.2.0001:1",
                           " 192.0.2.1:1",
                           "host:1",
                           "::1:1",
                           "[::1]",
                           "[::1]1",
                           "[1:2:3]:1",
                           "[1::2::3]:1",
                           "[1:2:3:4:5:6:7:8::]:1",
                           "[:1::]:1",
                           "[12345::]:1",
                           "[::g]:1",
                           "[::192.0.2.1.1]:1",
                           "[192.0.2.1]:1",
                           "[]:1",
                           "[::1]:1x"}) {
    EXPECT_FALSE(IpAddressPort::from_text(text).has_value()) << text;
  }
}

TEST(IpAddressPort, LengthMustFitTheType) {
  EXPECT_FALSE(decode_whole<IpAddressPort>(from_hex("0105c000020117").value()).has_value());
  EXPECT_FALSE(decode_whole<IpAddressPort>(from_hex("0107c000020117c400").value()).has_value());
  EXPECT_FALSE(decode_whole<IpAddressPort>(from_hex("0206c000020117c4").value()).has_value());
}

TEST(IpAddressPort, UnknownTypesAreKept) {
  const Bytes octets = from_hex("0703aabbcc").value();
  const auto address = decode_whole<IpAddressPort>(octets);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(encode(*address), octets);
  EXPECT_EQ(address->to_text(), "type 7");
}

}  // namespace
}  // namespace carillon::wire
