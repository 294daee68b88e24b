#include "link/frame_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "link/frame.hpp"

namespace carillon::link {
namespace {

Bytes data_frame(std::uint32_t sequence, ByteView message) {
  Bytes frame = with_frame_headroom(message);
  write_data_frame_header(frame, sequence);
  return frame;
}

TEST(FrameReader, writes_the_frame_that_wire_would_write) {
  const Bytes message{1, 2, 3};
  EXPECT_EQ(data_frame(7, message), wire::encode(wire::FramedMessage{wire::DataFrame{7, message}}));
}

TEST(FrameReader, finds_the_same_frames_however_the_stream_is_cut) {
  const bool holds = rc::check([] {
    const auto messages =
        *rc::gen::container<std::vector<Bytes>>(rc::gen::resize(64, rc::gen::arbitrary<Bytes>()));
    Bytes stream;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      append(stream, data_frame(static_cast<std::uint32_t>(i), messages[i]));
      append(stream, wire::encode(wire::FramedMessage{wire::AckFrame{9, 1}}));
    }
    FrameReader reader(1'000);
    std::vector<Bytes> found;
    std::size_t acks = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min(*rc::gen::inRange<std::size_t>(1, 40), stream.size() - at);
      reader.feed(ByteView{stream}.subspan(at, size));
      at += size;
      for (;;) {
        auto frame = reader.next();
        RC_ASSERT(frame.has_value());
        if (!*frame) break;
        if (const auto* data = std::get_if<wire::DataFrame>(&(*frame)->frame)) {
          found.push_back(to_bytes(data->message));
        } else {
          ++acks;
        }
      }
    }
    RC_ASSERT(found == messages);
    RC_ASSERT(acks == messages.size());
    RC_ASSERT(reader.buffered() == 0U);
  });
  EXPECT_TRUE(holds);
}

TEST(FrameReader, refuses_what_is_no_frame) {
  FrameReader reader(1'000);
  reader.feed(Bytes{0x16, 0x03, 0x01});
  const auto frame = reader.next();
  ASSERT_FALSE(frame.has_value());
  EXPECT_EQ(frame.error().code, ErrorCode::malformed);
  reader.feed(data_frame(0, Bytes{1}));
  EXPECT_FALSE(reader.next().has_value()) << "the place in the stream is lost for good";
}

TEST(FrameReader, refuses_an_oversized_message_from_its_header_on_and_keeps_its_start) {
  FrameReader reader(100);
  const Bytes frame = data_frame(0, Bytes(300, 0xab));
  reader.feed(ByteView{frame}.first(8));
  const auto first = reader.next();
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code, ErrorCode::too_large);
  EXPECT_TRUE(reader.oversized_message().empty());
  reader.feed(ByteView{frame}.subspan(8, 50));
  EXPECT_EQ(reader.oversized_message().size(), 50U);
  reader.feed(ByteView{frame}.subspan(58));
  reader.feed(Bytes(100'000, 1));
  EXPECT_EQ(reader.oversized_message().size(), 100U);
  EXPECT_EQ(reader.buffered(), 108U) << "the rest is not kept";
}

TEST(FrameReader, takes_a_message_of_exactly_the_limit_and_an_empty_one) {
  FrameReader reader(100);
  reader.feed(data_frame(0, Bytes(100, 1)));
  reader.feed(data_frame(1, Bytes{}));
  for (const std::size_t size : {100U, 0U}) {
    const auto frame = reader.next();
    ASSERT_TRUE(frame.has_value() && frame->has_value());
    EXPECT_EQ(std::get<wire::DataFrame>((*frame)->frame).message.size(), size);
  }
}

}  // namespace
}  // namespace carillon::link
