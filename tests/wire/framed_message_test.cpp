#include "wire/framed_message.hpp"

#include <gtest/gtest.h>

#include "wire/golden_check.hpp"

namespace carillon::wire {
namespace {

using testing::expect_golden;
using testing::golden;

constexpr std::size_t plenty = 5000;

TEST(Golden, FramedMessage) {
  const Bytes message = golden("message");
  expect_golden("framed_data", FramedMessage{DataFrame{7, message}});
  expect_golden("framed_ack", FramedMessage{AckFrame{7, 0x29}});
}

TEST(AckFrame, BitsStandForTheSequenceNumbersBefore) {
  AckFrame ack{7, 0};
  ack.mark(6);
  ack.mark(3);
  ack.mark(1);
  EXPECT_EQ(ack.received, 0x29U);
  for (std::uint32_t sequence = 0; sequence <= 8; ++sequence) {
    const bool expected = sequence == 7 || sequence == 6 || sequence == 3 || sequence == 1;
    EXPECT_EQ(ack.acknowledges(sequence), expected) << sequence;
  }
}

TEST(AckFrame, CountsOverTheEndOfTheNumbers) {
  AckFrame ack{1, 0};
  ack.mark(0);
  ack.mark(0xffffffff);
  ack.mark(0xffffffe1);  // the 32nd before
  ack.mark(0xffffffe0);  // one too old
  ack.mark(1);           // itself
  ack.mark(2);           // not yet
  EXPECT_EQ(ack.received, 0x80000003U);
  EXPECT_TRUE(ack.acknowledges(0xffffffe1));
  EXPECT_FALSE(ack.acknowledges(0xffffffe0));
  EXPECT_FALSE(ack.acknowledges(2));
}

TEST(NextFrame, WaitsUntilAllIsThere) {
  for (const char* name : {"framed_data", "framed_ack"}) {
    const Bytes octets = golden(name);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      const auto frame = next_frame(ByteView{octets}.first(size), plenty);
      ASSERT_TRUE(frame.has_value()) << frame.error().message();
      EXPECT_FALSE(frame->has_value());
    }
    const auto frame = next_frame(octets, plenty);
    ASSERT_TRUE(frame.has_value() && frame->has_value());
    EXPECT_EQ((*frame)->size, octets.size());
    EXPECT_EQ(encode((*frame)->framed), octets);
  }
}

TEST(NextFrame, TakesOneOfSeveral) {
  Bytes stream = golden("framed_ack");
  const Bytes data = golden("framed_data");
  stream.insert(stream.end(), data.begin(), data.end());
  const auto first = next_frame(stream, plenty);
  ASSERT_TRUE(first.has_value() && first->has_value());
  EXPECT_EQ((*first)->framed.type(), FramedMessageType::ack);
  EXPECT_EQ((*first)->size, FramedMessage::ack_size);
  const auto second = next_frame(ByteView{stream}.subspan((*first)->size), plenty);
  ASSERT_TRUE(second.has_value() && second->has_value());
  EXPECT_EQ(std::get<DataFrame>((*second)->framed.frame).message.data(),
            stream.data() + FramedMessage::ack_size + FramedMessage::data_header_size);
}

TEST(NextFrame, RefusesWhatIsTooLargeBeforeItIsThere) {
  const Bytes header{0x80, 0, 0, 0, 1, 0x00, 0x13, 0x89};  // 5001 octets
  const auto frame = next_frame(header, plenty);
  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error().code, ErrorCode::too_large);
  EXPECT_TRUE(next_frame(header, plenty + 1).has_value());
}

TEST(NextFrame, RefusesAnUnknownTypeAtTheFirstOctet) {
  const auto frame = next_frame(Bytes{0x16}, plenty);
  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(
      frame.error().message(),
      "malformed: FramedMessage.type at offset 0: is 0x16, must be 0x80 (data) or 0x81 (ack)");
}

}  // namespace
}  // namespace carillon::wire
