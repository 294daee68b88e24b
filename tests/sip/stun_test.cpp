#include "sip/stun.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace carillon::sip {
namespace {

const HostPort v4{"192.0.2.1", 32853};

std::string answer(const Bytes& binding_request, const HostPort& from = v4) {
  const auto octets = answer_stun(binding_request, from);
  return octets ? to_hex(as_bytes(*octets)) : "";
}

Bytes octets(std::string_view hex) {
  return from_hex(hex).value();
}

/// Cookie and transaction id of RFC 5769, whose responses have these addresses, too.
const std::string transaction_hex = "2112a442b7e7a701bc34d686fa87dfae";
/// XOR-MAPPED-ADDRESS there (RFC 5769, 2.2 and 2.3).
const std::string mapped_v4 = "002000080001a147e112a643";
const std::string mapped_v6 = "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9";

TEST(StunTest, AnswersWithTheAddressAsTheRfcWritesIt) {
  EXPECT_EQ(answer(octets("00010000" + transaction_hex)), "0101000c" + transaction_hex + mapped_v4);
  EXPECT_EQ(
      answer(octets("00010000" + transaction_hex), {"2001:db8:1234:5678:11:2233:4455:6677", 32853}),
      "01010018" + transaction_hex + mapped_v6);
}

TEST(StunTest, AFingerprintIsCheckedAndAnswered) {
  // RFC 5769, 2.1: a binding_request with USERNAME, MESSAGE-INTEGRITY, PRIORITY, ICE-CONTROLLED.
  const std::string sample =
      "00010058" + transaction_hex +
      "802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36000600096576"
      "746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
  const auto text = answer(octets(sample));
  EXPECT_EQ(text.substr(0, 64), "01010014" + transaction_hex + mapped_v4);
  EXPECT_EQ(text.substr(64, 8), "80280004");
  auto wrong = octets(sample);
  wrong.back() ^= 1;
  EXPECT_EQ(answer(wrong), "");
}

TEST(StunTest, SaysWhatItDoesNotKnow) {
  // CHANGE-REQUEST of RFC 5780.
  EXPECT_EQ(answer(octets("00010008" + transaction_hex + "0003000400000002")),
            "01110010" + transaction_hex + "0009000400000414" + "000a000200030000");
  EXPECT_EQ(answer(octets("00010008" + transaction_hex + "8003000400000002")),
            "0101000c" + transaction_hex + mapped_v4)
      << "what need not be understood";
}

TEST(StunTest, SaysNothingToAllElse) {
  for (const auto& binding_request :
       {std::string{"0001"}, "00110000" + transaction_hex, "01010000" + transaction_hex,
        "00030000" + transaction_hex, "00010000" + std::string(32, '0'),
        "00010004" + transaction_hex, "00010000" + transaction_hex + "00000000",
        "00010004" + transaction_hex + "80280004",
        "00010008" + transaction_hex + "8022000900000000", "00010002" + transaction_hex + "8022"}) {
    EXPECT_EQ(answer(octets(binding_request)), "") << binding_request;
  }
}

}  // namespace
}  // namespace carillon::sip
