#include "sip/hep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

CaptureMessage over_udp(std::string octets) {
  return {.transport = Transport::udp,
          .source = {"212.202.0.1", 12010},
          .destination = {"82.116.0.211", 5060},
          .time = std::chrono::seconds{1'311'847'660} + std::chrono::microseconds{3'000'000 - 1},
          .octets = std::move(octets)};
}

// Octets worked out by hand from the tables of the specification: section "Generic Chunk Types".
TEST(Hep, PacketIsWhatTheSpecificationSays) {
  const std::string message = "OPTIONS sip:a SIP/2.0\r\ni: x@y\r\n\r\n";
  const std::string expected =
      "48455033"  // "HEP3"
      "0098"      // All of it: 152 octets.
      "0000"
      "0001"
      "0007"
      "02"  // IPv4
      "0000"
      "0002"
      "0007"
      "11"  // UDP
      "0000"
      "0003"
      "000a"
      "d4ca0001"  // From 212.202.0.1
      "0000"
      "0004"
      "000a"
      "527400d3"  // to 82.116.0.211,
      "0000"
      "0007"
      "0008"
      "2eea"  // port 12010
      "0000"
      "0008"
      "0008"
      "13c4"  // to 5060.
      "0000"
      "0009"
      "000a"
      "4e3134ee"  // 1311847662 s
      "0000"
      "000a"
      "000a"
      "000f423f"  // and 999999 us
      "0000"
      "000b"
      "0007"
      "01"  // SIP
      "0000"
      "000c"
      "000a"
      "000000e4"  // Agent 228
      "0000"
      "000e"
      "000b"
      "6d79486570"  // "myHep"
      "0000"
      "0011"
      "0009"
      "784079"  // "x@y"
      "0000"
      "000f"
      "0027";  // and 33 octets of SIP.
  const auto packet = encode_hep(over_udp(message), {.id = 228, .password = "myHep"});
  EXPECT_EQ(to_hex(packet), expected + to_hex(as_bytes(message)));
}

TEST(Hep, Ipv6OverAConnection) {
  auto captured = over_udp("x");
  captured.transport = Transport::wss;
  captured.source = {"2001:db8::12", 1};
  captured.destination = {"::1", 2};
  const auto hex = to_hex(encode_hep(captured, {.id = 1}));
  EXPECT_THAT(hex, HasSubstr("00000001"
                             "0007"
                             "0a"
                             "00000002"
                             "0007"
                             "06"
                             "00000005"
                             "0016"
                             "20010db8000000000000000000000012"
                             "00000006"
                             "0016"
                             "00000000000000000000000000000001"));
  EXPECT_THAT(hex, Not(HasSubstr("0000000e"))) << "no password";
  EXPECT_THAT(hex, Not(HasSubstr("00000011"))) << "no Call-ID";
}

TEST(Hep, WhatIsTooLargeForADatagramIsCutOff) {
  const auto packet = encode_hep(over_udp(std::string(65'535, 'x')), {});
  ASSERT_EQ(packet.size(), max_hep_octets);
  EXPECT_EQ(packet[4] * 256U + packet[5], max_hep_octets);
}

TEST(Hep, CallIdIsFoundInHeadersOnly) {
  EXPECT_EQ(find_call_id("A\r\nCALL-ID : 1@h \r\n\r\n"), "1@h");
  EXPECT_EQ(find_call_id("A\ni:2\n"), "2");
  EXPECT_EQ(find_call_id("A\r\nTo: x\r\n\r\nCall-ID: body\r\n"), "");
  EXPECT_EQ(find_call_id(""), "");
  EXPECT_EQ(find_call_id("Call-ID"), "");
}

TEST(Capture, ShowsWhatComesAndWhatGoesInItsOrder) {
  test::World world;
  auto options = test::World::default_options();
  options.capture = true;
  auto& node = world.add_node("10.0.0.1", options);
  auto& phone = world.add_phone("192.0.2.1");
  EXPECT_EQ(world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.1>").status(), 200);
  world.send(phone, node, "\r\n\r\n");
  ASSERT_EQ(node.captured.size(), 4U);
  EXPECT_THAT(node.captured[0].octets, StartsWith("REGISTER "));
  EXPECT_THAT(node.captured[1].octets, StartsWith("SIP/2.0 401 "));
  EXPECT_THAT(node.captured[3].octets, StartsWith("SIP/2.0 200 "));
  EXPECT_EQ(node.captured[0].source, phone.address);
  EXPECT_EQ(node.captured[0].destination, node.udp_address());
  EXPECT_EQ(node.captured[1].source, node.udp_address());
  EXPECT_EQ(node.captured[1].destination, phone.address);
  for (std::size_t i = 1; i < 4; ++i)
    EXPECT_GT(node.captured[i].time, node.captured[i - 1].time);
}

TEST(Capture, OfAConnectionItShowsMessagesNotOctets) {
  test::World world;
  auto options = test::World::default_options();
  options.capture = true;
  auto& node = world.add_node("10.0.0.1", options);
  auto& phone = world.connect_phone(node, "192.0.2.1", 40000);
  const auto message = test::lines({"OPTIONS sip:example.org SIP/2.0",
                                    "Via: SIP/2.0/TCP 192.0.2.1:40000;branch=z9hG4bK1",
                                    "From: <sip:bob@example.org>;tag=1", "To: <sip:example.org>",
                                    "Call-ID: c", "CSeq: 1 OPTIONS", "Content-Length: 0"});
  world.send(phone, "\r\n\r\n" + message.substr(0, 40));
  EXPECT_TRUE(node.captured.empty());
  world.send(phone, message.substr(40));
  ASSERT_EQ(node.captured.size(), 2U);
  EXPECT_EQ(node.captured[0].octets, message);
  EXPECT_EQ(node.captured[0].transport, Transport::tcp);
}

TEST(Capture, WithoutItNothingIsKept) {
  test::World world;
  auto& node = world.add_node("10.0.0.1");
  auto& phone = world.add_phone("192.0.2.1");
  EXPECT_EQ(world.register_phone(phone, node, "bob", "<sip:bob@192.0.2.1>").status(), 200);
  EXPECT_TRUE(node.captured.empty());
}

}  // namespace
}  // namespace carillon::sip
