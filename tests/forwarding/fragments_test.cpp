// RFC 6940, 6.7.
#include <algorithm>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "forwarding/fragmentation.hpp"
#include "forwarding/reassembly.hpp"
#include "link/frame.hpp"
#include "network.hpp"

namespace carillon::forwarding {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using wire::MessageCode;
using Outcome = Reassembly::Outcome;

const Bytes body = payload_of(MessageCode::store_req, 2'000);

Delivered fragment(std::size_t offset, std::size_t size, bool last, std::uint64_t transaction = 1,
                   const Bytes& of = body) {
  Delivered part;
  part.header = header_to({node_id(1)}, transaction);
  part.header.fragment.offset = static_cast<std::uint32_t>(offset);
  part.header.fragment.last = last;
  const auto from = of.begin() + static_cast<std::ptrdiff_t>(offset);
  part.payload.assign(from, from + static_cast<std::ptrdiff_t>(size));
  return part;
}

struct ReassemblyTest : testing::Test {
  ForwardingOptions options;
  TimerQueue timers;
  Reassembly reassembly{options, timers};
  Now now{};

  void expect_body() {
    const Delivered message = reassembly.take_completed();
    EXPECT_EQ(message.payload, body);
    EXPECT_TRUE(message.header.fragment.is_whole());
    EXPECT_EQ(reassembly.size(), 0U);
    EXPECT_EQ(reassembly.octets(), 0U);
    EXPECT_EQ(timers.size(), 0U);
  }
};

TEST_F(ReassemblyTest, in_order) {
  EXPECT_EQ(reassembly.add(now, fragment(0, 1'000, false)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(1'000, 1'000, true)), Outcome::complete);
  expect_body();
}

TEST_F(ReassemblyTest, out_of_order_and_twice) {
  EXPECT_EQ(reassembly.add(now, fragment(1'500, 500, true)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(1'500, 500, true)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(0, 500, false)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(0, 500, false)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(500, 1'000, false)), Outcome::complete);
  expect_body();
}

TEST_F(ReassemblyTest, cut_differently_by_different_hops) {
  EXPECT_EQ(reassembly.add(now, fragment(0, 700, false)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(1'200, 800, true)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(500, 800, false)), Outcome::complete);
  expect_body();
}

TEST_F(ReassemblyTest, an_octet_that_is_there_is_kept) {
  const Bytes other(2'000, 0xee);
  EXPECT_EQ(reassembly.add(now, fragment(500, 500, false)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(0, 2'000, true, 1, other)), Outcome::complete);
  const Delivered message = reassembly.take_completed();
  EXPECT_TRUE(std::equal(body.begin() + 500, body.begin() + 1'000, message.payload.begin() + 500));
  EXPECT_EQ(message.payload[499], 0xee);
  EXPECT_EQ(message.payload[1'000], 0xee);
}

TEST_F(ReassemblyTest, keeps_transactions_apart) {
  EXPECT_EQ(reassembly.add(now, fragment(0, 1'000, false, 1)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(1'000, 1'000, true, 2)), Outcome::incomplete);
  EXPECT_EQ(reassembly.size(), 2U);
}

TEST_F(ReassemblyTest, has_the_header_of_the_first_fragment) {
  Delivered first = fragment(0, 1'000, false);
  first.return_path = {node_id(7)};
  Delivered second = fragment(1'000, 1'000, true);
  second.return_path = {node_id(8)};
  EXPECT_EQ(reassembly.add(now, first), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, second), Outcome::complete);
  EXPECT_EQ(reassembly.take_completed().return_path, wire::DestinationList{node_id(7)});
}

TEST_F(ReassemblyTest, starts_anew_when_fragments_contradict_each_other) {
  EXPECT_EQ(reassembly.add(now, fragment(1'000, 300, true)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(1'000, 1'000, true)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add(now, fragment(0, 1'000, false)), Outcome::complete);
  expect_body();
}

TEST_F(ReassemblyTest, refuses_small_empty_and_oversized_ones) {
  EXPECT_EQ(reassembly.add(now, fragment(0, 255, false)), Outcome::refused);
  EXPECT_EQ(reassembly.add(now, fragment(500, 0, true)), Outcome::refused);
  Delivered far = fragment(0, 1'000, false);
  far.header.fragment.offset = 4'001;
  EXPECT_EQ(reassembly.add(now, far), Outcome::refused);
  EXPECT_EQ(reassembly.size(), 0U);
}

TEST_F(ReassemblyTest, forgets_after_fifteen_seconds) {
  EXPECT_EQ(reassembly.add(now, fragment(0, 1'000, false)), Outcome::incomplete);
  now.monotonic += milliseconds{14'999};
  timers.run_due(now);
  EXPECT_EQ(reassembly.size(), 1U);
  now.monotonic += milliseconds{1};
  timers.run_due(now);
  EXPECT_EQ(reassembly.size(), 0U);
  EXPECT_EQ(reassembly.octets(), 0U);
  EXPECT_EQ(reassembly.timed_out(), 1U);
}

TEST(ReassemblyLimits, hold) {
  ForwardingOptions options;
  options.max_reassemblies = 3;
  options.max_reassembly_octets = 2'000;
  TimerQueue timers;
  Reassembly reassembly(options, timers);
  for (std::uint64_t id = 1; id <= 2; ++id) {
    EXPECT_EQ(reassembly.add({}, fragment(0, 900, false, id)), Outcome::incomplete);
  }
  EXPECT_EQ(reassembly.add({}, fragment(0, 900, false, 3)), Outcome::refused) << "octets";
  EXPECT_EQ(reassembly.octets(), 1'800U);

  options.max_reassembly_octets = 1'000'000;
  EXPECT_EQ(reassembly.add({}, fragment(0, 900, false, 3)), Outcome::incomplete);
  EXPECT_EQ(reassembly.add({}, fragment(0, 900, false, 4)), Outcome::refused) << "messages";
}

TEST(Fragmentation, any_message_cut_and_cut_again_comes_together_in_any_order) {
  const bool holds = rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 4'900);
    const Bytes payload = payload_of(MessageCode::store_req, size);
    const auto header = header_to({node_id(1), node_id(2)});
    std::vector<Bytes> fragments;
    const std::size_t least = wire::encode(header).size() + wire::Fragment::min_body;
    const auto first_cut = *rc::gen::inRange<std::size_t>(least, 2'000);
    const auto second_cut = *rc::gen::inRange<std::size_t>(least, 2'000);
    const auto first_frames = make_frames(header, payload, first_cut).value();
    for (const Bytes& frame : first_frames) {
      RC_ASSERT(frame.size() <= first_cut + link::frame_headroom);
      const auto split = wire::split_message(ByteView{frame}.subspan(link::frame_headroom)).value();
      auto cut_again = make_frames(split.header, split.payload, second_cut).value();
      std::ranges::move(cut_again, std::back_inserter(fragments));
    }
    for (std::size_t i = fragments.size(); i > 1; --i) {
      std::swap(fragments[i - 1], fragments[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    ForwardingOptions options;
    TimerQueue timers;
    Reassembly reassembly(options, timers);
    std::optional<Bytes> whole;
    for (const Bytes& octets : fragments) {
      const auto part = wire::split_message(ByteView{octets}.subspan(link::frame_headroom)).value();
      const Delivered delivered{{}, part.header, to_bytes(part.payload), {}};
      if (part.header.fragment.is_whole()) {
        whole = delivered.payload;
        continue;
      }
      const Outcome outcome = reassembly.add({}, delivered);
      RC_ASSERT(outcome != Outcome::refused);
      if (outcome == Outcome::complete) whole = reassembly.take_completed().payload;
    }
    RC_ASSERT(whole == payload);
    RC_ASSERT(reassembly.size() == 0U);
  });
  EXPECT_TRUE(holds);
}

TEST(Fragmentation, leaves_a_message_whole_if_fragments_would_be_too_small) {
  const auto header = header_to({node_id(1)});
  const std::size_t header_size = wire::encode(header).size();
  EXPECT_THAT(make_frames(header, body, header_size + 255).value(), SizeIs(1));
  EXPECT_THAT(make_frames(header, body, header_size + 256).value(), SizeIs(8));
}

TEST(Fragments, cross_a_line_whose_links_carry_little_and_the_via_list_grows_in_each) {
  ForwardingOptions options;
  options.max_fragment_size = 600;
  Network net(4, options);
  net.connect_line();
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[3].id()}), body));
  net.settle();
  const auto arrived = net[3].take_delivered();
  ASSERT_THAT(arrived, SizeIs(1));
  EXPECT_EQ(arrived[0].payload, body);
  EXPECT_EQ(arrived[0].return_path, (wire::DestinationList{net[2].id(), net[1].id(), net[0].id()}));
  EXPECT_GT(net[2].forwarding.counters().forwarded, 3U);
}

}  // namespace
}  // namespace carillon::forwarding
