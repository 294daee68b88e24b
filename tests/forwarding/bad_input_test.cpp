// What must not be forwarded, and what ends a link: RFC 6940, 6.3.2 and 6.6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network.hpp"

namespace carillon::forwarding {
namespace {

using testing::IsEmpty;
using wire::ErrorResponseCode;
using wire::MessageCode;

struct BadInput : testing::Test {
  BadInput() {
    const auto ends = net.connect_unbound(0, 1);
    link = ends.second;
    EXPECT_TRUE(net[1].forwarding.links().bind(net.now, link, net[0].id()));
    (void)net[1].take_events();
  }
  void feed(ByteView octets) { net[1].forwarding.handle_bytes(net.now, link, octets); }
  [[nodiscard]] std::uint64_t dropped(DropReason reason) {
    return net[1].forwarding.counters().dropped_for(reason);
  }
  [[nodiscard]] Bytes message_for_node_1() {
    auto header = header_to({net[1].id()});
    header.overlay = test_overlay;
    return wire::join_message(header, ping).value();
  }
  void feed_message(ByteView message) {
    feed(wire::encode(wire::FramedMessage{wire::DataFrame{0, message}}));
  }

  Network net{2};
  LinkId link{};
};

TEST_F(BadInput, another_overlay) {
  Bytes message = message_for_node_1();
  message[4] ^= 1;
  feed_message(message);
  EXPECT_EQ(dropped(DropReason::wrong_overlay), 1U);
  EXPECT_THAT(net[1].take_delivered(), IsEmpty());
  EXPECT_THAT(net[1].take_rejected(), IsEmpty());
}

TEST_F(BadInput, another_version_token_or_length_or_a_clear_high_bit) {
  for (const std::size_t octet :
       {std::size_t{0}, std::size_t{10}, std::size_t{12}, std::size_t{19}}) {
    Bytes message = message_for_node_1();
    message[octet] ^= 0x80;
    feed_message(message);
  }
  EXPECT_EQ(dropped(DropReason::malformed), 4U);
  EXPECT_THAT(net[1].take_delivered(), IsEmpty());
  feed_message(message_for_node_1());
  EXPECT_EQ(net[1].take_delivered().size(), 1U) << "the link is still good";
}

TEST_F(BadInput, each_truncation_of_a_message_is_dropped_and_the_link_goes_on) {
  const Bytes message = message_for_node_1();
  for (std::size_t size = 0; size < message.size(); ++size) {
    feed_message(ByteView{message}.first(size));
  }
  EXPECT_EQ(dropped(DropReason::malformed), message.size());
  EXPECT_THAT(net[1].take_delivered(), IsEmpty());
  EXPECT_TRUE(net[1].forwarding.links().is_connected(net[0].id()));
}

TEST_F(BadInput, what_is_no_frame_closes_the_link) {
  feed(Bytes{0x16, 0x03, 0x03, 0, 1});
  EXPECT_FALSE(net[1].forwarding.links().is_connected(net[0].id()));
  const auto events = net[1].take_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(std::get<LinkDown>(events[0]).reason.find("FramedMessage"), std::string::npos);
  feed_message(message_for_node_1());
  EXPECT_THAT(net[1].take_delivered(), IsEmpty()) << "it is not read any more";
}

TEST_F(BadInput, an_oversized_message_is_answered_before_it_is_complete_then_the_link_closes) {
  auto header = header_to({net[1].id()});
  const Bytes frame = framed(header, payload_of(MessageCode::store_req, 6'000));
  feed(ByteView{frame}.first(40));
  EXPECT_THAT(net[1].take_rejected(), IsEmpty()) << "it is not known yet whom to answer";
  feed(ByteView{frame}.subspan(40, 60));
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::message_too_large);
  EXPECT_EQ(rejected[0].header.transaction_id, header.transaction_id);

  ASSERT_TRUE(net[1].forwarding.send(net.now, header_to(rejected[0].return_path),
                                     payload_of(MessageCode::error)))
      << "there is still time to say so";
  feed(ByteView{frame}.subspan(100));
  EXPECT_THAT(net[1].take_rejected(), IsEmpty()) << "said once";
  net.run_until(net.now.monotonic + seconds{1});
  EXPECT_FALSE(net[1].forwarding.links().is_connected(net[0].id()));
}

TEST_F(BadInput, an_oversized_header_closes_the_link_without_a_word) {
  auto header = header_to({net[1].id()});
  for (int i = 0; i < 300; ++i)
    header.via_list.emplace_back(node_id(7));
  feed(ByteView{framed(header, ping)}.first(100));
  EXPECT_THAT(net[1].take_rejected(), IsEmpty());
  net.run_until(net.now.monotonic + seconds{1});
  EXPECT_FALSE(net[1].forwarding.links().is_connected(net[0].id()));
}

TEST(TooLarge, a_message_that_has_outgrown_the_limit_on_its_way_is_answered_by_who_cannot_send_it) {
  Network net(3);
  net.connect_line();
  const std::size_t limit = net[0].forwarding.options().link.max_message_size;
  const auto header = header_to({net[2].id()});
  const std::size_t header_size = wire::encode(header).size();
  const Bytes payload = payload_of(MessageCode::store_req, limit - header_size);
  ASSERT_TRUE(net[0].forwarding.send(net.now, header, payload));
  net.settle();
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::message_too_large);
  EXPECT_EQ(rejected[0].return_path, wire::DestinationList{net[0].id()});
  EXPECT_TRUE(net[1].forwarding.links().is_connected(net[2].id()));

  const Bytes more = payload_of(MessageCode::store_req, limit - header_size + 1);
  const auto refused = net[0].forwarding.send(net.now, header, more);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST(Bounded, incoming_messages_beyond_the_queue_are_dropped) {
  ForwardingOptions options;
  options.max_incoming = 3;
  Network net(1, options);
  for (std::uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[0].id()}, i), ping));
  }
  EXPECT_EQ(net[0].take_delivered().size(), 3U);
  EXPECT_EQ(net[0].forwarding.counters().dropped_for(DropReason::overloaded), 2U);
}

TEST(Bounded, a_link_that_takes_no_more_drops_what_is_forwarded_and_says_busy_to_its_own) {
  ForwardingOptions options;
  options.link.max_unacknowledged_messages = 1;
  options.link.max_queued_messages = 1;
  Network net(3, options);
  net.connect_line();
  net.cut = true;
  const auto header = header_to({net[2].id()});
  ASSERT_TRUE(net[1].forwarding.send(net.now, header, ping));
  ASSERT_TRUE(net[1].forwarding.send(net.now, header, ping));
  const auto refused = net[1].forwarding.send(net.now, header, ping);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
}

}  // namespace
}  // namespace carillon::forwarding
