#include "link/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link_pair.hpp"

namespace carillon::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Result<void> send(Link& link, MonotonicTime now, std::size_t size) {
  return link.send(now, with_frame_headroom(message_of(size)));
}

TEST(Link, carries_messages_and_acknowledges_each_input_once) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 3));
  ASSERT_TRUE(send(pair.a, start, 4));
  const auto frames = take_frames(pair.a);
  ASSERT_EQ(frames.size(), 2U) << "one frame a poll: one TLS record each";
  EXPECT_EQ(describe(frames[0]), "data 0 size 3");
  EXPECT_EQ(describe(frames[1]), "data 1 size 4");

  Bytes both = frames[0];
  append(both, frames[1]);
  ASSERT_TRUE(pair.b.handle_bytes(start, both));
  EXPECT_THAT(take_messages(pair.b), ElementsAre(message_of(3), message_of(4)));
  EXPECT_THAT(take_descriptions(pair.b), ElementsAre("ack 1 mask 1"));
}

TEST(Link, leaves_no_message_out_of_the_masks_when_many_come_at_once) {
  LinkPair pair;
  Bytes octets;
  for (int i = 0; i < 70; ++i)
    ASSERT_TRUE(send(pair.a, start, 1));
  for (const Bytes& frame : take_frames(pair.a))
    append(octets, frame);
  ASSERT_TRUE(pair.b.handle_bytes(start, octets));
  EXPECT_THAT(
      take_descriptions(pair.b),
      ElementsAre("ack 32 mask 4294967295", "ack 65 mask 4294967295", "ack 69 mask 4294967295"));
}

TEST(Link, an_acknowledgement_covers_what_was_sent_before_and_measures_the_round_trip) {
  LinkPair pair;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(send(pair.a, start, 10));
  EXPECT_EQ(pair.a.unacknowledged(), 3U);
  const auto ack = wire::encode(wire::FramedMessage{wire::AckFrame{1, 0}});
  ASSERT_TRUE(pair.a.handle_bytes(start + milliseconds{20}, ack));
  EXPECT_EQ(pair.a.unacknowledged(), 1U);
  EXPECT_EQ(pair.a.round_trip().smoothed(), milliseconds{20});
}

TEST(Link, ignores_acknowledgements_of_what_was_never_sent) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 10));
  for (const std::uint32_t sequence : {1U, 77U, 0xffffff00U}) {
    const auto ack = wire::encode(wire::FramedMessage{wire::AckFrame{sequence, 0xffffffff}});
    ASSERT_TRUE(pair.a.handle_bytes(start, ack));
  }
  EXPECT_EQ(pair.a.unacknowledged(), 1U);
  EXPECT_EQ(pair.a.counters().stray_acks, 3U);
  EXPECT_FALSE(pair.a.round_trip().smoothed());
}

TEST(Link, takes_no_measurement_from_a_keepalive_that_crossed_the_first_message) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 10));
  const auto keepalive = wire::encode(wire::FramedMessage{wire::AckFrame{0, 0}});
  ASSERT_TRUE(pair.a.handle_bytes(start, keepalive));
  EXPECT_FALSE(pair.a.round_trip().smoothed());
}

TEST(Link, holds_messages_back_until_acknowledgements_make_room) {
  LinkOptions options;
  options.max_unacknowledged_messages = 2;
  LinkPair pair(options);
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(send(pair.a, start, 10));
  EXPECT_EQ(pair.a.unacknowledged(), 2U);
  EXPECT_EQ(pair.a.queued(), 3U);
  pair.settle();
  EXPECT_EQ(pair.a.unacknowledged(), 0U);
  EXPECT_EQ(pair.a.queued(), 0U);
  EXPECT_EQ(pair.b.counters().messages_received, 5U);
}

TEST(Link, gives_back_what_was_not_acknowledged_or_not_sent) {
  LinkOptions options;
  options.max_unacknowledged_messages = 2;
  LinkPair pair(options);
  for (std::size_t size : {3U, 4U, 5U, 6U})
    ASSERT_TRUE(send(pair.a, start, size));
  ASSERT_TRUE(pair.b.handle_bytes(start, take_frames(pair.a).at(0)));
  ASSERT_TRUE(pair.a.handle_bytes(start, take_frames(pair.b).at(0)));
  EXPECT_THAT(pair.a.take_unacknowledged(),
              ElementsAre(message_of(4), message_of(5), message_of(6)));
  EXPECT_THAT(pair.a.take_unacknowledged(), IsEmpty());
}

TEST(Link, refuses_what_its_queue_has_no_room_for) {
  LinkOptions options;
  options.max_unacknowledged_octets = 100;
  options.max_queued_messages = 2;
  LinkPair pair(options);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(send(pair.a, start, 60));
  const auto refused = send(pair.a, start, 60);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  EXPECT_EQ(pair.a.counters().refused, 1U);

  LinkOptions octets = options;
  octets.max_queued_octets = 100;
  Link link(octets, start);
  ASSERT_TRUE(send(link, start, 60));
  ASSERT_TRUE(send(link, start, 60));
  EXPECT_FALSE(send(link, start, 60)) << "two messages are allowed, but not so many octets";
}

TEST(Link, sends_a_message_that_alone_exceeds_what_may_be_under_way) {
  LinkOptions options;
  options.max_unacknowledged_octets = 10;
  LinkPair pair(options);
  ASSERT_TRUE(send(pair.a, start, 1'000));
  EXPECT_EQ(pair.a.unacknowledged(), 1U);
}

TEST(Link, refuses_to_send_over_the_limit) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 5'000));
  const auto refused = send(pair.a, start, 5'001);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
}

TEST(Link, delivers_what_came_before_the_stream_broke) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 3));
  Bytes octets = take_frames(pair.a).front();
  octets.push_back(0);
  const auto broken = pair.b.handle_bytes(start, octets);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::malformed);
  EXPECT_THAT(take_messages(pair.b), ElementsAre(message_of(3)));
}

TEST(LinkKeepalive, repeats_the_last_acknowledgement_after_a_second_of_silence) {
  Link link({}, start);
  EXPECT_EQ(link.next_deadline(), start + seconds{1});
  link.handle_time(start + seconds{1});
  EXPECT_THAT(take_descriptions(link), ElementsAre("ack 0 mask 0")) << "before any message";

  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 3));
  ASSERT_TRUE(send(pair.a, start, 3));
  pair.settle();
  pair.b.handle_time(start + seconds{1});
  EXPECT_THAT(take_descriptions(pair.b), ElementsAre("ack 1 mask 1"));
  EXPECT_EQ(pair.b.next_deadline(), start + seconds{2});
}

TEST(LinkKeepalive, keeps_an_idle_link_alive_without_probes) {
  LinkPair pair;
  pair.run_until(start + seconds{60});
  EXPECT_THAT(take_signals(pair.a), IsEmpty());
  EXPECT_THAT(take_signals(pair.b), IsEmpty());
  EXPECT_EQ(pair.a.counters().messages_sent, 0U);
}

TEST(LinkKeepalive, wants_a_probe_at_exactly_two_seconds_and_gives_up_at_exactly_three) {
  LinkPair pair;
  pair.cut = true;
  pair.run_until(start + milliseconds{1'999});
  EXPECT_THAT(take_signals(pair.a), IsEmpty());
  pair.run_until(start + seconds{2});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::probe_wanted));
  pair.run_until(start + milliseconds{2'999});
  EXPECT_THAT(take_signals(pair.a), IsEmpty()) << "one probe a silence";
  pair.run_until(start + seconds{3});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::silent));
}

TEST(LinkKeepalive, starts_anew_when_something_is_heard) {
  LinkPair pair;
  pair.cut = true;
  pair.run_until(start + milliseconds{2'500});
  pair.cut = false;
  ASSERT_TRUE(send(pair.a, pair.now, 1));
  ASSERT_TRUE(send(pair.b, pair.now, 1));
  pair.settle();
  pair.run_until(start + seconds{10});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::probe_wanted));
}

TEST(LinkKeepalive, does_not_take_its_own_stall_for_the_other_sides_silence) {
  Link link({}, start);
  const MonotonicTime woken = start + seconds{30};
  link.handle_time(woken);
  EXPECT_THAT(take_signals(link), IsEmpty());
  EXPECT_EQ(link.next_deadline(), woken + seconds{1});
  link.handle_time(woken + seconds{1});
  EXPECT_THAT(take_signals(link), ElementsAre(LinkSignal::probe_wanted));
}

TEST(LinkIdle, is_hardly_heard_of) {
  LinkPair pair;
  pair.a.set_watched(false, start);
  pair.b.set_watched(false, start);
  pair.run_until(start + seconds{720});
  EXPECT_THAT(take_signals(pair.a), IsEmpty());
  EXPECT_EQ(pair.a.counters().octets_sent, 6 * wire::FramedMessage::ack_size);
}

TEST(LinkIdle, is_probed_late_and_silent_three_seconds_after_what_it_was_sent) {
  LinkPair pair;
  pair.a.set_watched(false, start);
  pair.b.set_watched(false, start);
  pair.cut = true;
  pair.run_until(start + seconds{250});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::probe_wanted));
  ASSERT_TRUE(send(pair.a, pair.now, 1));  // The probe.
  pair.run_until(start + milliseconds{252'999});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::doubtful));
  pair.run_until(start + seconds{253});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::silent));
}

TEST(LinkIdle, is_found_silent_when_it_is_used) {
  LinkPair pair;
  pair.a.set_watched(false, start);
  pair.run_until(start + seconds{10});
  pair.cut = true;
  ASSERT_TRUE(send(pair.a, pair.now, 1));
  pair.run_until(start + seconds{11});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::doubtful));
  pair.run_until(start + seconds{13});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::silent));
}

TEST(LinkIdle, that_is_watched_from_now_on_has_three_seconds_to_speak) {
  LinkPair pair;
  pair.a.set_watched(false, start);
  pair.cut = true;
  pair.run_until(start + seconds{30});
  pair.a.set_watched(true, pair.now);
  pair.a.handle_time(pair.now);
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::probe_wanted)) << "at once";
  pair.run_until(start + milliseconds{32'999});
  EXPECT_THAT(take_signals(pair.a), IsEmpty());
  pair.run_until(start + seconds{33});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::silent));
}

TEST(LinkDoubt, a_node_that_does_not_acknowledge_within_the_rto_is_doubted_then_failed) {
  LinkOptions options;
  options.initial_rto = milliseconds{1'500};
  Link link(options, start);
  ASSERT_TRUE(send(link, start, 10));
  MonotonicTime now = start;
  std::vector<std::pair<LinkSignal, MonotonicTime>> signals;
  const auto keepalive = wire::encode(wire::FramedMessage{wire::AckFrame{0xffff, 0}});
  while (now < start + seconds{40}) {  // It is alive, but our message is not acknowledged.
    now = link.next_deadline();
    ASSERT_TRUE(link.handle_bytes(now, keepalive));
    link.handle_time(now);
    for (const LinkSignal signal : take_signals(link))
      signals.emplace_back(signal, now);
  }
  EXPECT_THAT(signals, ElementsAre(std::pair{LinkSignal::doubtful, start + milliseconds{1'500}},
                                   std::pair{LinkSignal::failed, start + milliseconds{31'500}}));
}

TEST(LinkDoubt, ends_with_the_next_acknowledgement) {
  LinkPair pair;
  ASSERT_TRUE(send(pair.a, start, 10));
  const auto frames = take_frames(pair.a);
  pair.a.handle_time(start + seconds{1});
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::doubtful));
  EXPECT_TRUE(pair.a.is_doubtful());
  ASSERT_TRUE(pair.b.handle_bytes(start + seconds{1}, frames.front()));
  pair.settle();
  EXPECT_THAT(take_signals(pair.a), ElementsAre(LinkSignal::restored));
  EXPECT_FALSE(pair.a.is_doubtful());
}

}  // namespace
}  // namespace carillon::link
