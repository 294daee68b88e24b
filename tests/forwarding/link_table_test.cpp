#include "forwarding/link_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network.hpp"

namespace carillon::forwarding {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(LinkTable, reports_a_node_up_when_it_is_bound_and_down_when_its_link_closes) {
  Network net(2);
  net.connect(0, 1);
  auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<LinkUp>(events[0]).node, net[1].id());
  const LinkId link = std::get<LinkUp>(events[0]).link;
  EXPECT_EQ(net[0].forwarding.links().find(net[1].id()), link);

  net[0].forwarding.links().close(net.now, link, "enough");
  net.settle();
  events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<LinkDown>(events[0]).reason, "enough");
  EXPECT_FALSE(net[1].forwarding.links().is_connected(net[0].id()));
  EXPECT_EQ(net[0].forwarding.links().size(), 0U);
  EXPECT_EQ(net[1].forwarding.links().size(), 0U);
}

TEST(LinkTable, gives_up_on_a_connection_that_does_not_open) {
  Network net(1);
  auto& links = net[0].forwarding.links();
  const LinkId link = links.open(net.now, {"192.0.2.9", 6084}, node_id(9)).value();
  net.settle();
  ASSERT_THAT(net.opens, SizeIs(1));
  EXPECT_EQ(net.opens[0].second.expected, node_id(9));
  net.run_until(MonotonicTime{} + milliseconds{4'999});
  EXPECT_THAT(net[0].take_events(), IsEmpty());
  net.run_until(MonotonicTime{} + milliseconds{5'000});
  const auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  const auto& failed = std::get<LinkFailed>(events[0]);
  EXPECT_EQ(failed.link, link);
  EXPECT_EQ(failed.expected, node_id(9));
  EXPECT_EQ(failed.address.to_string(), "192.0.2.9:6084");
  EXPECT_FALSE(links.handle_opened(net.now, link)) << "too late";
}

TEST(LinkTable, reports_a_failed_connection_at_once) {
  Network net(1);
  auto& links = net[0].forwarding.links();
  const LinkId link = links.open(net.now, {"192.0.2.9", 6084}, {}).value();
  links.handle_closed(net.now, link, "connection refused");
  const auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<LinkFailed>(events[0]).reason, "connection refused");
}

TEST(LinkTable, has_a_limit) {
  ForwardingOptions options;
  options.max_links = 2;
  Network net(1, options);
  auto& links = net[0].forwarding.links();
  ASSERT_TRUE(links.open(net.now, {}, {}));
  ASSERT_TRUE(links.handle_accepted(net.now, {}));
  EXPECT_EQ(links.open(net.now, {}, {}).error().code, ErrorCode::busy);
  EXPECT_EQ(links.handle_accepted(net.now, {}).error().code, ErrorCode::busy);
}

TEST(LinkTable, refuses_a_connection_to_itself) {
  Network net(1);
  auto& links = net[0].forwarding.links();
  const LinkId link = links.handle_accepted(net.now, {}).value();
  EXPECT_FALSE(links.bind(net.now, link, net[0].id()));
  EXPECT_EQ(links.size(), 0U);
}

TEST(LinkTable, a_silent_node_is_probed_at_two_seconds_and_down_at_three) {
  Network net(2);
  net.connect(0, 1);
  (void)net[0].take_events();
  net.run_until(MonotonicTime{} + seconds{20});
  EXPECT_THAT(net[0].take_events(), IsEmpty()) << "keepalives go both ways";

  net.cut = true;
  const MonotonicTime cut_at = net.now.monotonic;  // The last keepalive came at this moment.
  net.run_until(cut_at + milliseconds{1'999});
  EXPECT_THAT(net[0].take_events(), IsEmpty());
  net.run_until(cut_at + seconds{2});
  auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<ProbeWanted>(events[0]).node, net[1].id());
  net.run_until(cut_at + milliseconds{2'999});
  EXPECT_THAT(net[0].take_events(), IsEmpty());
  net.run_until(cut_at + seconds{3});
  events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<LinkDown>(events[0]).reason, "the other side is silent");
}

TEST(LinkTable, a_node_that_is_not_watched_may_be_silent_until_it_is_needed) {
  Network net(3);
  net.connect(0, 1);
  net.connect(0, 2);
  net[0].forwarding.links().watch(net.now, {net[1].id()});
  (void)net[0].take_events();
  net.cut = true;
  net.run_until(net.now.monotonic + seconds{10});
  auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(2)) << "of the watched one only";
  EXPECT_EQ(std::get<LinkDown>(events[1]).node, net[1].id());
  net[0].forwarding.links().watch(net.now, {net[2].id()});
  net.run_until(net.now.monotonic + seconds{4});
  events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(std::get<LinkDown>(events[1]).node, net[2].id());
}

TEST(LinkTable, what_was_acknowledged_wakes_nobody_up) {
  Network net(2);
  net.connect(0, 1);
  for (std::size_t node : {0U, 1U})
    net[node].forwarding.links().watch(net.now, {});
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id()}), ping));
  net.settle();
  ASSERT_TRUE(net[0].timers.next_deadline());
  EXPECT_GT(*net[0].timers.next_deadline() - net.now.monotonic, seconds{60});
}

TEST(LinkTable, a_node_that_does_not_acknowledge_is_doubtful) {
  Network net(2);
  net.connect(0, 1);
  (void)net[0].take_events();
  net.cut = true;
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id()}),
                                     payload_of(wire::MessageCode::ping_req)));
  net.run_until(net.now.monotonic + seconds{1});
  const auto events = net[0].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(std::get<LinkDoubtful>(events[0]).node, net[1].id());
}

TEST(SimultaneousLinks, both_sides_keep_the_one_that_the_larger_node_id_accepted) {
  for (const bool larger_connects_first : {false, true}) {
    Network net(2);  // Node 1 has the larger Node-ID.
    net.connect(larger_connects_first ? 1 : 0, larger_connects_first ? 0 : 1);
    net.connect(larger_connects_first ? 0 : 1, larger_connects_first ? 1 : 0);
    EXPECT_THAT(net[0].take_events(), SizeIs(1)) << "the node has just come up, once";
    EXPECT_THAT(net[1].take_events(), SizeIs(1));
    net.run_until(MonotonicTime{} + seconds{10});
    EXPECT_EQ(net[0].forwarding.links().size(), 1U);
    EXPECT_EQ(net[1].forwarding.links().size(), 1U);
    EXPECT_THAT(net[0].take_events(), IsEmpty());

    const Bytes ping = payload_of(wire::MessageCode::ping_req);
    ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id()}), ping));
    ASSERT_TRUE(net[1].forwarding.send(net.now, header_to({net[0].id()}), ping));
    net.settle();
    EXPECT_THAT(net[0].take_delivered(), SizeIs(1)) << "it is the same one";
    EXPECT_THAT(net[1].take_delivered(), SizeIs(1));
  }
}

TEST(SimultaneousLinks, a_later_connection_replaces_the_earlier_and_says_so) {
  Network net(2);
  net.connect(0, 1);
  net.run_until(MonotonicTime{} + seconds{10});
  (void)net[1].take_events();
  net.connect(0, 1);
  const auto events = net[1].take_events();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_TRUE(std::get<LinkUp>(events[0]).replaced);
  net.run_until(MonotonicTime{} + seconds{20});
  EXPECT_EQ(net[1].forwarding.links().size(), 1U);
  EXPECT_THAT(net[1].take_events(), IsEmpty()) << "the old one goes quietly";
}

TEST(SimultaneousLinks, the_other_one_serves_on_if_the_kept_one_breaks_meanwhile) {
  Network net(2);
  net.connect(0, 1);
  net.connect(1, 0);
  const LinkId kept = net[0].forwarding.links().find(net[1].id()).value();
  (void)net[0].take_events();
  net[0].forwarding.links().handle_closed(net.now, kept, "reset");
  EXPECT_TRUE(net[0].forwarding.links().is_connected(net[1].id()));
  EXPECT_THAT(net[0].take_events(), IsEmpty());
}

}  // namespace
}  // namespace carillon::forwarding
