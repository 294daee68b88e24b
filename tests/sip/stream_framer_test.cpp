#include "sip/stream_framer.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace carillon::sip {
namespace {

struct Framing {
  SipLimits limits{};
  StreamFramer framer{limits};
  std::vector<std::string> messages{};
  bool failed{false};

  void add(std::string_view text) {
    framer.add(as_bytes(text));
    std::string_view message;
    for (auto more = framer.next(message);; more = framer.next(message)) {
      failed = failed || !more;
      if (!more || !*more) return;
      messages.emplace_back(message);
    }
  }
};

const std::string first_message = "A sip:x SIP/2.0\r\nContent-Length: 5\r\n\r\nhello";
const std::string second_message = "B sip:x SIP/2.0\r\nl : \r\n 0\r\n\r\n";

TEST(StreamFramer, CutsWhatComesTogether) {
  Framing framing;
  framing.add(first_message + second_message + "\r\n" + first_message);
  EXPECT_EQ(framing.messages, (std::vector{first_message, second_message, first_message}));
  EXPECT_EQ(framing.framer.buffered(), 0U);
}

TEST(StreamFramer, JoinsWhatComesInPieces) {
  Framing framing;
  for (const char c : first_message + second_message + first_message)
    framing.add({&c, 1});
  EXPECT_EQ(framing.messages, (std::vector{first_message, second_message, first_message}));
}

TEST(StreamFramer, CountsPings) {
  Framing framing;
  framing.add("\r\n\r\n");
  EXPECT_EQ(framing.framer.take_pings(), 1U);
  EXPECT_EQ(framing.framer.take_pings(), 0U);
  framing.add("\r\n");
  EXPECT_EQ(framing.framer.take_pings(), 0U);
  framing.add("\r\n\r\n\r\n" + first_message);
  EXPECT_EQ(framing.framer.take_pings(), 2U);
  framing.add("\r\n" + first_message + "\r\n");
  EXPECT_EQ(framing.framer.take_pings(), 0U);
  EXPECT_EQ(framing.messages, (std::vector{first_message, first_message}));
}

TEST(StreamFramer, RefusesLengthsThatCannotBe) {
  for (const auto* length :
       {"-1", "x", "", "65536", "18446744073709551615", "99999999999999999999"}) {
    Framing framing;
    framing.add("A sip:x SIP/2.0\r\nContent-Length: " + std::string{length} + "\r\n\r\n");
    EXPECT_TRUE(framing.failed) << length;
  }
  Framing two;
  two.add("A sip:x SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(two.failed);
}

TEST(StreamFramer, HandsOutTheHeadersOfABadLength) {
  SipLimits limits;
  StreamFramer framer{limits};
  const std::string text = "A sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n";
  framer.add(as_bytes(text));
  std::string_view message;
  EXPECT_FALSE(framer.next(message));
  EXPECT_EQ(message, text);
}

TEST(StreamFramer, IsBounded) {
  Framing framing;
  framing.add("A sip:x SIP/2.0\r\n");
  for (int i = 0; i < 70 && !framing.failed; ++i)
    framing.add(std::string(1000, 'x'));
  EXPECT_TRUE(framing.failed);
}

}  // namespace
}  // namespace carillon::sip
