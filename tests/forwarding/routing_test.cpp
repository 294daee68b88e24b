// RFC 6940, 6.1 and 6.2: where messages go, and how responses come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network.hpp"

namespace carillon::forwarding {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::Destination;
using wire::DestinationList;
using wire::ErrorResponseCode;
using wire::MessageCode;

const ResourceId resource{Bytes(16, 0x77)};
const Bytes pong = payload_of(MessageCode::ping_ans);

TEST(Routing, a_request_gathers_its_via_list_along_the_line_and_the_response_returns) {
  Network net(4);
  net.connect_line();
  net[3].oracle.resources.insert(resource);

  const auto sent = net[0].forwarding.send(net.now, header_to({Destination(resource)}), ping);
  ASSERT_TRUE(sent);
  EXPECT_EQ(*sent, net[1].id());
  net.settle();

  const auto arrived = net[3].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  const Delivered& request = arrived[0];
  EXPECT_EQ(request.payload, ping);
  EXPECT_EQ(request.previous_hop, net[2].id());
  EXPECT_THAT(request.header.via_list,
              ElementsAre(Destination(net[0].id()), Destination(net[1].id())));
  EXPECT_THAT(request.return_path, ElementsAre(Destination(net[2].id()), Destination(net[1].id()),
                                               Destination(net[0].id())));
  EXPECT_EQ(request.header.ttl, 98) << "sent with 100, decremented by each forwarder";
  EXPECT_EQ(net[1].forwarding.counters().forwarded, 1U);

  ASSERT_TRUE(net[3].forwarding.send(net.now, header_to(request.return_path), pong));
  net.settle();
  const auto answers = net[0].take_delivered();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].payload, pong);
  EXPECT_THAT(answers[0].header.destination_list, ElementsAre(Destination(net[0].id())));
  EXPECT_THAT(answers[0].header.via_list, IsEmpty()) << "nobody answers a response (6.1.2)";
}

TEST(Routing, source_routes_strip_each_listed_node) {
  Network net(4);
  net.connect_line();
  net[3].oracle.resources.insert(resource);
  const DestinationList path{net[1].id(), net[2].id(), net[3].id(), Destination(resource)};
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to(path), ping));
  net.settle();
  const auto arrived = net[3].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_THAT(arrived[0].header.destination_list, ElementsAre(Destination(resource)));
}

TEST(Routing, the_wildcard_is_for_whoever_gets_it) {
  Network net(3);
  net.connect_line();
  ASSERT_TRUE(net[0].forwarding.send(
      net.now, header_to({net[1].id(), NodeId::wildcard(), net[2].id()}), ping));
  net.settle();
  EXPECT_EQ(net[1].take_delivered().size(), 1U);
  EXPECT_THAT(net[2].take_delivered(), IsEmpty());
}

TEST(Routing, a_connected_node_is_reached_directly_whatever_the_topology_says) {
  Network net(3);
  net.connect(0, 1);
  net.connect(0, 2);
  net[0].oracle.next = net[1].id();
  net[0].oracle.range.insert(net[2].id());  // A client: within our own range.
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[2].id()}), ping));
  net.settle();
  EXPECT_EQ(net[2].take_delivered().size(), 1U);
}

TEST(Routing, a_node_of_our_range_that_is_not_connected_is_dropped_silently) {
  Network net(2);
  net.connect_line();
  net[1].oracle.range.insert(node_id(9));
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({node_id(9)}), ping));
  net.settle();
  EXPECT_EQ(net[1].forwarding.counters().dropped_for(DropReason::node_absent), 1U);
  EXPECT_THAT(net[1].take_rejected(), IsEmpty());
  EXPECT_THAT(net[1].take_delivered(), IsEmpty());
}

TEST(Routing, nothing_goes_through_a_peer_before_its_first_update_but_to_it) {
  Network net(3);
  net.connect_line();
  net[0].oracle.not_updated.insert(net[1].id());
  const auto through = net[0].forwarding.send(net.now, header_to({net[2].id()}), ping);
  ASSERT_FALSE(through);
  EXPECT_EQ(through.error().code, ErrorCode::unreachable);
  EXPECT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id()}), ping));
  EXPECT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id(), net[2].id()}), ping))
      << "addressed to it";
}

TEST(Routing, what_a_node_sends_to_itself_arrives) {
  Network net(1);
  const auto sent = net[0].forwarding.send(net.now, header_to({net[0].id()}), ping);
  ASSERT_TRUE(sent);
  EXPECT_EQ(*sent, net[0].id());
  const auto arrived = net[0].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_THAT(arrived[0].return_path, ElementsAre(Destination(net[0].id())));
}

TEST(Routing, an_empty_destination_list_and_a_resource_that_is_not_last_are_the_callers_fault) {
  Network net(2);
  net.connect_line();
  for (const DestinationList& path :
       {DestinationList{}, DestinationList{Destination(resource), net[1].id()}}) {
    const auto sent = net[0].forwarding.send(net.now, header_to(path), ping);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::invalid_argument);
  }
}

TEST(Routing, what_runs_in_circles_is_refused_in_the_second_round) {
  Network net(2);
  net.connect(0, 1);
  net[0].oracle.next = net[1].id();
  net[1].oracle.next = net[0].id();
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({Destination(resource)}), ping));
  net.settle();
  // Node 1 sends it back once; when it comes again node 0 is twice in its Via List.
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::ttl_exceeded);
  EXPECT_EQ(rejected[0].return_path.back(), Destination(net[0].id()));
  EXPECT_EQ(net[1].forwarding.counters().dropped_for(DropReason::in_circles), 1U);
  EXPECT_LE(net[0].forwarding.counters().forwarded + net[1].forwarding.counters().forwarded, 5U);
}

TEST(Ttl, ends_a_way_with_an_error_at_the_node_where_no_hop_is_left) {
  Network net(3);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[1].forwarding.links().bind(net.now, b, net[0].id()));
  net.connect(1, 2);
  net[1].oracle.next = net[2].id();
  auto header = header_to({Destination(resource)});
  header.ttl = 0;
  net[1].forwarding.handle_bytes(net.now, b, framed(header, ping));
  net.settle();
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::ttl_exceeded);
  EXPECT_EQ(rejected[0].return_path.back(), Destination(net[0].id()));
}

TEST(Ttl, zero_is_enough_for_the_node_itself) {
  Network net(2);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[1].forwarding.links().bind(net.now, b, net[0].id()));
  auto header = header_to({net[1].id()});
  header.ttl = 0;
  net[1].forwarding.handle_bytes(net.now, b, framed(header, ping));
  EXPECT_EQ(net[1].take_delivered().size(), 1U);
}

TEST(Ttl, above_the_overlays_is_refused_even_at_the_destination) {
  Network net(2);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[1].forwarding.links().bind(net.now, b, net[0].id()));
  auto header = header_to({net[1].id()});
  header.ttl = 101;
  net[1].forwarding.handle_bytes(net.now, b, framed(header, ping));
  EXPECT_THAT(net[1].take_delivered(), IsEmpty());
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::ttl_exceeded);
}

TEST(Ttl, a_response_is_never_answered) {
  Network net(2);
  net.connect(0, 1);
  net[0].oracle.next = net[1].id();
  net[1].oracle.next = net[0].id();
  for (const auto code : {MessageCode::ping_ans, MessageCode::error, MessageCode{0x8003}}) {
    ASSERT_TRUE(
        net[0].forwarding.send(net.now, header_to({Destination(resource)}), payload_of(code)));
    net.settle();
  }
  EXPECT_THAT(net[1].take_rejected(), IsEmpty());
  const auto& counters = net[1].forwarding.counters();
  EXPECT_EQ(
      counters.dropped_for(DropReason::ttl_exceeded) + counters.dropped_for(DropReason::in_circles),
      3U);
}

TEST(Options, forward_critical_stops_who_forwards_but_not_the_destination) {
  Network net(3);
  net.connect_line();
  auto header = header_to({net[2].id()});
  header.options.push_back({wire::ForwardingOptionType{0x40},
                            static_cast<std::uint8_t>(wire::ForwardingFlag::forward_critical),
                            {}});
  ASSERT_TRUE(net[0].forwarding.send(net.now, header, ping));
  net.settle();
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::unsupported_forwarding_option);
  EXPECT_THAT(rejected[0].return_path, ElementsAre(Destination(net[0].id())));

  header.destination_list = {net[1].id()};
  ASSERT_TRUE(net[0].forwarding.send(net.now, header, ping));
  net.settle();
  EXPECT_EQ(net[1].take_delivered().size(), 1U);
}

TEST(Options, unknown_ones_that_are_not_critical_travel_along) {
  Network net(3);
  net.connect_line();
  auto header = header_to({net[2].id()});
  header.options.push_back({wire::ForwardingOptionType{0x40}, 0x04, {1, 2, 3}});
  ASSERT_TRUE(net[0].forwarding.send(net.now, header, ping));
  net.settle();
  const auto arrived = net[2].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_EQ(arrived[0].header.options, header.options);
}

TEST(OpaqueId, of_others_is_dropped_silently) {
  Network net(2);
  net.connect_line();
  const DestinationList path{net[1].id(), wire::OpaqueId{{1, 2, 3}}};
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to(path), ping));
  net.settle();
  EXPECT_EQ(net[1].forwarding.counters().dropped_for(DropReason::unknown_opaque_id), 1U);
  EXPECT_THAT(net[1].take_rejected(), IsEmpty());
}

TEST(OpaqueId, in_a_via_list_comes_back_in_its_place) {
  Network net(2);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[1].forwarding.links().bind(net.now, b, net[0].id()));
  auto header = header_to({net[1].id()});
  const auto compact = wire::OpaqueId::from_u16(0x1234);
  header.via_list = {node_id(8), compact, node_id(9)};
  net[1].forwarding.handle_bytes(net.now, b, framed(header, ping));
  const auto arrived = net[1].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  EXPECT_THAT(arrived[0].return_path, ElementsAre(Destination(net[0].id()), Destination(node_id(9)),
                                                  Destination(compact), Destination(node_id(8))));
}

/// A node whose certificate has several Node-IDs, before its Attach: 6.1.2.
TEST(NotAttached, may_ping_and_attach_and_gets_the_response_over_its_link) {
  Network net(3);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[0].forwarding.links().bind(net.now, a, net[1].id()));
  net.connect(1, 2);
  for (const auto code : {MessageCode::ping_req, MessageCode::attach_req}) {
    ASSERT_TRUE(
        net[0].forwarding.send(net.now, header_to({net[1].id(), net[2].id()}), payload_of(code)));
    net.settle();
    const auto arrived = net[2].take_delivered();
    ASSERT_EQ(arrived.size(), 1U);
    ASSERT_TRUE(net[2].forwarding.send(net.now, header_to(arrived[0].return_path), pong));
    net.settle();
    const auto answers = net[0].take_delivered();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].payload, pong);
  }
}

TEST(NotAttached, may_do_nothing_else) {
  Network net(3);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[0].forwarding.links().bind(net.now, a, net[1].id()));
  net.connect(1, 2);
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id(), net[2].id()}),
                                     payload_of(MessageCode::store_req)));
  net.settle();
  EXPECT_THAT(net[2].take_delivered(), IsEmpty());
  const auto rejected = net[1].take_rejected();
  ASSERT_EQ(rejected.size(), 1U);
  EXPECT_EQ(rejected[0].error, ErrorResponseCode::forbidden);
  ASSERT_TRUE(net[1].forwarding.send(net.now, header_to(rejected[0].return_path),
                                     payload_of(MessageCode::error)));
  net.settle();
  EXPECT_EQ(net[0].take_delivered().size(), 1U) << "it is told over its link";
}

TEST(NotAttached, an_opaque_id_of_a_link_that_is_gone_is_dropped) {
  Network net(3);
  const auto [a, b] = net.connect_unbound(0, 1);
  ASSERT_TRUE(net[0].forwarding.links().bind(net.now, a, net[1].id()));
  net.connect(1, 2);
  ASSERT_TRUE(net[0].forwarding.send(net.now, header_to({net[1].id(), net[2].id()}), ping));
  net.settle();
  const auto arrived = net[2].take_delivered();
  ASSERT_EQ(arrived.size(), 1U);
  net[1].forwarding.links().close(net.now, b, "test");
  ASSERT_TRUE(net[2].forwarding.send(net.now, header_to(arrived[0].return_path), pong));
  net.settle();
  EXPECT_EQ(net[1].forwarding.counters().dropped_for(DropReason::unknown_opaque_id), 1U);
}

}  // namespace
}  // namespace carillon::forwarding
