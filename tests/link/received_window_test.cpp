#include "link/received_window.hpp"

#include <gtest/gtest.h>

namespace carillon::link {
namespace {

TEST(ReceivedWindow, marks_the_messages_before_the_acknowledged_one_from_bit_zero_up) {
  ReceivedWindow window;
  EXPECT_EQ(window.latest(), (wire::AckFrame{0, 0})) << "before any message";
  EXPECT_EQ(window.record(0), (wire::AckFrame{0, 0}));
  EXPECT_EQ(window.record(1), (wire::AckFrame{1, 0b1}));
  EXPECT_EQ(window.record(2), (wire::AckFrame{2, 0b11}));
  EXPECT_EQ(window.record(4), (wire::AckFrame{4, 0b1110})) << "3 is missing";
  EXPECT_EQ(window.latest(), (wire::AckFrame{4, 0b1110}));
}

TEST(ReceivedWindow, remembers_thirty_two) {
  ReceivedWindow window;
  wire::AckFrame last;
  for (std::uint32_t sequence = 0; sequence <= 32; ++sequence)
    last = window.record(sequence);
  EXPECT_EQ(last, (wire::AckFrame{32, 0xffffffffU}));
  EXPECT_EQ(window.record(64), (wire::AckFrame{64, 0x80000000U})) << "only 32 is 32 before 64";
  EXPECT_EQ(window.record(97), (wire::AckFrame{97, 0})) << "64 is 33 before 97";
}

TEST(ReceivedWindow, places_one_that_comes_late) {
  ReceivedWindow window;
  (void)window.record(0);
  (void)window.record(3);
  EXPECT_EQ(window.record(1), (wire::AckFrame{1, 0b1}));
  EXPECT_EQ(window.record(4), (wire::AckFrame{4, 0b1101}));
}

TEST(ReceivedWindow, counts_past_the_wrap) {
  ReceivedWindow window;
  (void)window.record(0xfffffffe);
  (void)window.record(0xffffffff);
  EXPECT_EQ(window.record(0), (wire::AckFrame{0, 0b11}));
}

TEST(ReceivedWindow, agrees_with_wire_on_what_the_bits_mean) {
  ReceivedWindow window;
  (void)window.record(5);
  const wire::AckFrame ack = window.record(8);
  EXPECT_TRUE(ack.acknowledges(5));
  EXPECT_FALSE(ack.acknowledges(6));
  EXPECT_TRUE(ack.acknowledges(8));
}

}  // namespace
}  // namespace carillon::link
