// RFC 6940, 6.2.1: requests, their transmissions and their ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport_network.hpp"

namespace carillon::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// When the data frames of one node's messages went out, by watching them.
struct SentWatch {
  explicit SentWatch(TransportNetwork& network, std::size_t node) {
    network[node].transport.set_observer([this, &network](const MessageEvent& event) {
      if (event.direction == MessageDirection::sent) times.push_back(network.now().monotonic);
    });
  }
  std::vector<MonotonicTime> times;
};

MonotonicTime at(milliseconds time) {
  return MonotonicTime{} + time;
}

TEST(Request, goes_there_and_its_answer_comes_back_once) {
  TransportNetwork network(4);
  network.net.connect_line();
  network.net[3].oracle.resources.insert(resource);
  network[3].requests.answer_with = Bytes{9, 8, 7};

  Outcomes outcomes;
  network.ask(0, {wire::Destination(resource)}, outcomes);
  EXPECT_EQ(outcomes.count(), 0U) << "never from inside the call";
  network.net.settle();

  ASSERT_THAT(network[3].requests.received, SizeIs(1));
  const IncomingRequest& request = network[3].requests.received[0].first;
  EXPECT_EQ(request.signer.node_id, network.id(0));
  EXPECT_EQ(request.signer.user(), "node-" + network.id(0).to_hex() + "@overlay.example.org");
  EXPECT_EQ(request.contents.message_code, MessageCode::store_req);
  EXPECT_EQ(request.contents.message_body, (Bytes{1, 2, 3}));
  EXPECT_EQ(request.previous_hop, network.id(2));
  EXPECT_EQ(request.destination, wire::Destination(resource));

  ASSERT_THAT(outcomes.responses, SizeIs(1));
  const Response& response = outcomes.responses[0].first;
  EXPECT_EQ(response.signer.node_id, network.id(3));
  EXPECT_EQ(response.contents.message_code, MessageCode::store_ans);
  EXPECT_EQ(response.contents.message_body, (Bytes{9, 8, 7}));

  network.run_for(seconds{60});
  EXPECT_EQ(outcomes.count(), 1U);
  EXPECT_EQ(network[0].transport.pending(), 0U);
  EXPECT_EQ(network[0].transport.counters().retransmissions, 0U);
}

TEST(Request, is_sent_five_times_three_seconds_apart_and_fails_at_fifteen) {
  TransportNetwork network(2);
  network.net.connect_line();
  SentWatch watch(network, 0);
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes);  // Nobody answers there.
  network.run_for(milliseconds{14'999});
  EXPECT_THAT(watch.times, ElementsAre(at(seconds{0}), at(seconds{3}), at(seconds{6}),
                                       at(seconds{9}), at(seconds{12})));
  EXPECT_EQ(outcomes.count(), 0U);
  network.run_for(milliseconds{1});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::request_timeout);
  EXPECT_EQ(outcomes.failures[0].second, at(seconds{15}));
  EXPECT_THAT(network[1].requests.received, SizeIs(1)) << "four were repetitions";
  EXPECT_EQ(network[0].transport.counters().retransmissions, 4U);
  EXPECT_EQ(network[0].transport.counters().timeouts, 1U);
}

TEST(Request, may_be_told_to_try_less_often_and_faster) {
  TransportNetwork network(2);
  network.net.connect_line();
  Outcomes outcomes;
  RequestOptions options;
  options.max_sends = 2;
  options.interval = milliseconds{400};
  network.ask(0, {network.id(1)}, outcomes, options);
  network.run_for(seconds{5});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].second, at(milliseconds{800}));
}

TEST(Request, takes_the_overlays_reliability_timer) {
  TransportNetwork network(2);
  network.net.connect_line();
  network[0].transport.set_configuration(config::ConfigSequence{0}, milliseconds{1'000});
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(seconds{20});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].second, at(seconds{5}));
}

TEST(Request, an_answer_after_the_end_is_ignored) {
  TransportNetwork network(2);
  network.net.connect_line();
  Outcomes outcomes;
  RequestOptions options;
  options.max_sends = 1;
  network.ask(0, {network.id(1)}, outcomes, options);
  network.run_for(seconds{4});
  ASSERT_EQ(outcomes.failures.size(), 1U);
  network[1].transport.respond(network.now(), network[1].requests.received[0].second, Bytes{});
  network.net.settle();
  EXPECT_EQ(outcomes.count(), 1U);
  EXPECT_EQ(network[0].transport.counters().unmatched, 1U);
}

TEST(Request, can_be_cancelled) {
  TransportNetwork network(2);
  network.net.connect_line();
  Outcomes outcomes;
  const auto id = network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  network[0].transport.cancel(id, {ErrorCode::in_progress, "test", {}});
  network[0].transport.cancel(id, {ErrorCode::in_progress, "test", {}});
  network.run_for(seconds{30});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::in_progress);
}

TEST(Request, without_a_way_waits_for_one) {
  TransportNetwork network(2);
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(milliseconds{1'200});
  network[1].requests.answer_with = Bytes{};
  network.net.connect(0, 1);
  network.run_for(milliseconds{300});
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(outcomes.responses[0].second, at(milliseconds{1'500}));
}

TEST(Request, without_a_way_fails_after_the_same_time_as_any) {
  TransportNetwork network(1);
  Outcomes outcomes;
  network.ask(0, {node_id(9)}, outcomes);
  network.run_for(seconds{30});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].second, at(seconds{15}));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::request_timeout);
  EXPECT_THAT(outcomes.failures[0].first.error.detail, HasSubstr("no_route"));
  EXPECT_EQ(network[0].transport.counters().requests_sent, 0U);
}

TEST(Request, without_a_way_fails_at_once_if_told_to) {
  TransportNetwork network(1);
  Outcomes outcomes;
  RequestOptions options;
  options.on_link_down = OnLinkDown::fail;
  network.ask(0, {node_id(9)}, outcomes, options);
  EXPECT_EQ(outcomes.count(), 0U) << "but not from inside the call";
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::unreachable);
}

TEST(Request, that_could_never_be_sent_fails_at_once) {
  TransportNetwork network(2);
  network.net.connect_line();
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes, {}, MessageCode::store_req, Bytes(6'000));
  network.ask(0, {}, outcomes);
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(2));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::too_large);
  EXPECT_EQ(outcomes.failures[1].first.error.code, ErrorCode::invalid_argument);
}

TEST(Request, beyond_the_limit_is_busy) {
  TransportOptions options;
  options.max_transactions = 2;
  TransportNetwork network(2, options);
  network.net.connect_line();
  Outcomes outcomes;
  for (int i = 0; i < 3; ++i)
    network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::busy);
  EXPECT_EQ(network[0].transport.pending(), 2U);
}

TEST(Request, to_oneself_is_answered_too) {
  TransportNetwork network(1);
  network[0].requests.answer_with = Bytes{4};
  Outcomes outcomes;
  network.ask(0, {network.id(0)}, outcomes);
  network.net.settle();
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(outcomes.responses[0].first.signer.node_id, network.id(0));
}

TEST(Request, works_with_rsa_too) {
  TransportNetwork network(3, {}, {}, security::KeyType::rsa);
  network.net.connect_line();
  network[2].requests.answer_with = Bytes{4};
  Outcomes outcomes;
  network.ask(0, {network.id(2)}, outcomes);
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST(Request, crosses_links_that_carry_little_in_fragments) {
  forwarding::ForwardingOptions small;
  small.max_fragment_size = 700;
  TransportNetwork network(4, {}, small);
  network.net.connect_line();
  network[3].requests.answer_with = Bytes(2'000, 3);
  Outcomes outcomes;
  network.ask(0, {network.id(3)}, outcomes, {}, MessageCode::store_req, Bytes(2'500, 2));
  network.net.settle();
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(outcomes.responses[0].first.contents.message_body, Bytes(2'000, 3));
}

TEST(Request, may_be_signed_for_a_user_of_this_node) {
  TransportNetwork network(2);
  network.net.connect_line();
  auto identity = network.overlay.identity(network[0].issued);
  RequestOptions options;
  options.credential = identity.user("alice@example.org", network.now().wall).value();
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes, options);
  network.net.settle();
  ASSERT_THAT(network[1].requests.received, SizeIs(1));
  const auto& signer = network[1].requests.received[0].first.signer;
  EXPECT_EQ(signer.user(), "alice@example.org");
  EXPECT_EQ(signer.node_id, network.id(0));
}

TEST(LinkDown, a_request_is_sent_again_at_once_another_way) {
  TransportNetwork network(4);  // 0 - 1 - 3 and 0 - 2 - 3
  for (const auto& [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}}) {
    network.net.connect(static_cast<std::size_t>(from), static_cast<std::size_t>(to));
  }
  network.net[0].oracle.next = network.id(1);
  network.net.lost = [](std::size_t, std::size_t to) { return to == 3; };
  Outcomes outcomes;
  network.ask(0, {network.id(3)}, outcomes);
  network.run_for(milliseconds{500});
  network.net.lost = nullptr;
  network[3].requests.answer_with = Bytes{};

  network.net[0].oracle.next = network.id(2);
  auto& links = network.net[0].forwarding.links();
  links.close(network.now(), links.find(network.id(1)).value(), "test");
  network.run_for(milliseconds{0});
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(outcomes.responses[0].second, at(milliseconds{500}));
  EXPECT_EQ(network[0].transport.counters().retransmissions, 1U);
}

TEST(LinkDown, a_request_fails_at_once_if_told_to_and_only_those_of_that_link) {
  TransportNetwork network(3);
  network.net.connect(0, 1);
  network.net.connect(0, 2);
  RequestOptions options;
  options.on_link_down = OnLinkDown::fail;
  Outcomes gone;
  Outcomes other;
  network.ask(0, {network.id(1)}, gone, options);
  network.ask(0, {network.id(2)}, other, options);
  network.net.settle();
  auto& links = network.net[0].forwarding.links();
  links.close(network.now(), links.find(network.id(1)).value(), "test");
  network.net.settle();
  ASSERT_THAT(gone.failures, SizeIs(1));
  EXPECT_EQ(gone.failures[0].first.error.code, ErrorCode::unreachable);
  EXPECT_EQ(other.count(), 0U);
}

TEST(LinkDown, a_silent_next_hop_is_known_in_three_seconds) {
  TransportNetwork network(2);
  network.net.connect(0, 1);
  network.net.cut = true;
  RequestOptions options;
  options.on_link_down = OnLinkDown::fail;
  Outcomes outcomes;
  network.ask(0, {network.id(1)}, outcomes, options);
  network.run_for(seconds{10});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].second, at(seconds{3}));
}

/// A node dies in the middle of everything, many times: whatever happens, each handler runs once.
TEST(Churn, every_handler_runs_exactly_once) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    TransportNetwork network(5);
    SeededRandom random(seed);
    for (std::size_t a = 0; a < 5; ++a) {
      for (std::size_t b = a + 1; b < 5; ++b)
        network.net.connect(a, b);
    }
    std::vector<std::unique_ptr<Outcomes>> all;
    network.net.lost = [&](std::size_t, std::size_t) { return random.below(5) == 0; };
    for (int round = 0; round < 40; ++round) {
      const auto from = static_cast<std::size_t>(random.below(5));
      const auto to = static_cast<std::size_t>(random.below(5));
      network[to].requests.answer_with = Bytes{1};
      RequestOptions options;
      options.on_link_down = OnLinkDown{static_cast<std::uint8_t>(random.below(3))};
      all.push_back(std::make_unique<Outcomes>());
      network.ask(from, {network.id(to)}, *all.back(), options);
      if (random.below(4) == 0) {
        auto& links = network.net[from].forwarding.links();
        const auto nodes = links.connected_nodes();
        if (!nodes.empty()) {
          const NodeId victim = nodes[random.below(nodes.size())];
          links.close(network.now(), links.find(victim).value(), "churn");
        }
      }
      network.run_for(milliseconds{static_cast<std::int64_t>(random.below(900))});
    }
    network.run_for(seconds{20});
    for (const auto& outcomes : all)
      EXPECT_EQ(outcomes->count(), 1U) << "seed " << seed;
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_EQ(network[i].transport.pending(), 0U);
  }
}

TEST(MaxBodySize, leaves_room_for_a_usual_number_of_hops) {
  TransportNetwork network(8);
  network.net.connect_line();
  network[7].requests.answer_with = Bytes{};
  Outcomes outcomes;
  const std::size_t size = network[0].transport.max_body_size({});
  EXPECT_GT(size, 3'000U);
  network.ask(0, {network.id(7)}, outcomes, {}, MessageCode::store_req, Bytes(size));
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

}  // namespace
}  // namespace carillon::transport
