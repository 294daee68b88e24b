// Answers: from the cache for repetitions (RFC 6940, 6.2.1), within their sizes, later or at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport/answer_cache.hpp"
#include "transport_network.hpp"

namespace carillon::transport {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using wire::ErrorResponseCode;

struct Answering : testing::Test {
  Answering() { network.net.connect_line(); }
  ResponseToken token(std::size_t index = 0) {
    return network[1].requests.received.at(index).second;
  }
  [[nodiscard]] const TransportCounters& counters() { return network[1].transport.counters(); }

  TransportNetwork network{2};
  Outcomes outcomes;
};

TEST_F(Answering, a_repetition_gets_the_same_answer_and_the_handler_runs_once) {
  network[1].requests.answer_with = Bytes{5};
  int to_lose = 2;
  network.net.lost = [&](std::size_t from, std::size_t) { return from == 1 && to_lose-- > 0; };
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(milliseconds{6'000});
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(outcomes.responses[0].first.contents.message_body, Bytes{5});
  EXPECT_THAT(network[1].requests.received, SizeIs(1));
  EXPECT_EQ(counters().repeated_answered, 2U);
}

TEST_F(Answering, an_answer_without_a_body_is_signed_again_for_a_repetition) {
  network[1].requests.answer_with = Bytes{};
  int to_lose = 2;
  network.net.lost = [&](std::size_t from, std::size_t) { return from == 1 && to_lose-- > 0; };
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(milliseconds{6'000});
  ASSERT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_THAT(outcomes.responses[0].first.contents.message_body, IsEmpty());
  EXPECT_THAT(network[1].requests.received, SizeIs(1));
  EXPECT_EQ(counters().repeated_answered, 2U);
}

TEST_F(Answering, a_repetition_of_what_is_being_worked_on_is_swallowed) {
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(milliseconds{7'000});
  EXPECT_THAT(network[1].requests.received, SizeIs(1));
  EXPECT_EQ(counters().repeated_swallowed, 2U);
  network[1].transport.respond(network.now(), token(), Bytes{6});
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Answering, the_same_transaction_id_of_another_node_is_another_request) {
  TransportNetwork three(3);
  three.net.connect(0, 2);
  three.net.connect(1, 2);
  for (const std::size_t from : {0U, 1U}) {
    const wire::TransactionId id{77};
    auto header = forwarding::header_to({three.id(2)}, 77);
    const Bytes payload =
        signed_payload(three[from].credential, id, {MessageCode::ping_req, Bytes{0, 0}, {}});
    ASSERT_TRUE(three.net[from].forwarding.send(three.now(), header, payload));
  }
  three.net.settle();
  EXPECT_THAT(three[2].requests.received, SizeIs(2));
}

TEST_F(Answering, goes_the_way_that_the_last_repetition_came) {
  TransportNetwork diamond(4);  // 0 - 1 - 3 and 0 - 2 - 3
  for (const auto& [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}}) {
    diamond.net.connect(static_cast<std::size_t>(from), static_cast<std::size_t>(to));
  }
  diamond.net[0].oracle.next = diamond.id(1);
  diamond.ask(0, {diamond.id(3)}, outcomes);
  diamond.net.settle();
  ASSERT_THAT(diamond[3].requests.received, SizeIs(1));
  diamond.net[0].oracle.next = diamond.id(2);
  auto& links = diamond.net[0].forwarding.links();
  links.close(diamond.now(), links.find(diamond.id(1)).value(), "test");
  diamond.run_for(milliseconds{0});
  diamond[3].transport.respond(diamond.now(), diamond[3].requests.received[0].second, Bytes{});
  diamond.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Answering, twice_or_too_late_does_nothing) {
  network.ask(0, {network.id(1)}, outcomes);
  network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  auto& transport = network[1].transport;
  transport.respond(network.now(), token(0), Bytes{});
  transport.respond(network.now(), token(0), Bytes{});
  transport.respond(network.now(), ResponseToken{12345}, Bytes{});
  network.run_for(milliseconds{15'000});
  transport.respond_error(network.now(), token(1), Error{ErrorCode::forbidden, "test", {}});
  network.net.settle();
  EXPECT_EQ(counters().late_answers, 3U);
  EXPECT_EQ(outcomes.count(), 2U);
}

TEST_F(Answering, an_error_brings_its_code_and_its_info) {
  network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  network[1].transport.respond_error(
      network.now(), token(), {ErrorResponseCode::generation_counter_too_low, Bytes{1, 2, 3}});
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  const RequestFailure& failure = outcomes.failures[0].first;
  EXPECT_EQ(failure.error.code, ErrorCode::generation_counter_too_low);
  ASSERT_TRUE(failure.response);
  EXPECT_EQ(failure.response->error_info, (Bytes{1, 2, 3}));
  EXPECT_EQ(failure.signer->node_id, network.id(1));
}

TEST_F(Answering, an_answer_over_the_requesters_limit_becomes_an_error) {
  network[1].requests.answer_with = Bytes(1'500);
  RequestOptions options;
  options.max_response_length = 1'500;
  network.ask(0, {network.id(1)}, outcomes, options);
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::response_too_large);
  options.max_response_length = 5'000;
  network.ask(0, {network.id(1)}, outcomes, options);
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Answering, an_answer_over_the_overlays_limit_becomes_an_error) {
  network[1].requests.answer_with = Bytes(5'000);
  network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::response_too_large);
}

TEST_F(Answering, copies_the_options_that_ask_for_it_and_clears_their_flags) {
  network[1].requests.answer_with = Bytes{};
  RequestOptions options;
  options.forwarding_options = {{wire::ForwardingOptionType{0x50}, 0x04, {1, 2}},
                                {wire::ForwardingOptionType{0x51}, 0x00, {3}}};
  network.ask(0, {network.id(1)}, outcomes, options);
  network.net.sent.clear();
  network.net.settle();
  std::optional<wire::ForwardingHeader> answer;
  for (const Bytes& frame : network.net.sent) {
    const auto read = wire::next_frame(frame, 10'000).value().value();
    if (const auto* data = std::get_if<wire::DataFrame>(&read.framed.frame)) {
      answer = wire::split_message(data->message).value().header;
    }
  }
  ASSERT_TRUE(answer);
  EXPECT_EQ(
      answer->options,
      (std::vector<wire::ForwardingOption>{{wire::ForwardingOptionType{0x50}, 0x00, {1, 2}}}));
  EXPECT_EQ(answer->max_response_length, 0U);
}

/// A signer that fails once.
class FailingSigner final : public security::Signer {
 public:
  explicit FailingSigner(std::shared_ptr<security::Signer> signer) : signer_(std::move(signer)) {}
  security::KeyType type() const override { return signer_->type(); }
  Result<Bytes> sign(ByteView input) override {
    if (std::exchange(fails_, false)) return fail(ErrorCode::io, "sign", "no such luck");
    return signer_->sign(input);
  }

 private:
  std::shared_ptr<security::Signer> signer_;
  bool fails_{true};
};

TEST_F(Answering, a_request_whose_answer_could_not_be_signed_may_be_repeated) {
  network[1].requests.answer_with = Bytes{};
  network[1].credential.signer = std::make_shared<FailingSigner>(network[1].credential.signer);
  network.ask(0, {network.id(1)}, outcomes);
  network.run_for(milliseconds{3'000});
  EXPECT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_EQ(counters().not_signed, 1U);
}

TEST_F(Answering, a_request_that_cannot_be_signed_fails) {
  network[0].credential.signer = std::make_shared<FailingSigner>(network[0].credential.signer);
  network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::io);
}

// --- the cache by itself ---

ReceivedRequest received(std::uint8_t signer, std::uint64_t transaction) {
  ReceivedRequest request;
  request.signer = node_id(signer);
  request.transaction_id = wire::TransactionId{transaction};
  return request;
}

TEST(AnswerCache, forgets_after_its_lifetime_and_leaves_no_timer) {
  TimerQueue timers;
  AnswerCache cache(10, 1'000, seconds{15}, timers);
  cache.add({}, ResponseToken{1}, received(1, 1));
  cache.add({MonotonicTime{} + seconds{5}, {}}, ResponseToken{2}, received(1, 2));
  timers.run_due({MonotonicTime{} + milliseconds{14'999}, {}});
  EXPECT_EQ(cache.size(), 2U);
  timers.run_due({MonotonicTime{} + seconds{15}, {}});
  EXPECT_EQ(cache.find(node_id(1), wire::TransactionId{1}), nullptr);
  EXPECT_NE(cache.find(node_id(1), wire::TransactionId{2}), nullptr);
  timers.run_due({MonotonicTime{} + seconds{20}, {}});
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(timers.size(), 0U);
}

TEST(AnswerCache, holds_at_most_so_many_requests_and_octets) {
  TimerQueue timers;
  AnswerCache cache(3, 250, seconds{15}, timers);
  for (std::uint64_t i = 1; i <= 5; ++i)
    cache.add({}, ResponseToken{i}, received(1, i));
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(cache.find(ResponseToken{2}), nullptr);
  for (std::uint64_t i = 3; i <= 5; ++i) {
    cache.set_answer(*cache.find(ResponseToken{i}), Bytes(100));
  }
  EXPECT_EQ(cache.octets(), 200U);
  EXPECT_EQ(cache.find(ResponseToken{3}), nullptr) << "the oldest had to go";
  EXPECT_NE(cache.find(ResponseToken{4}), nullptr);
}

TEST(AnswerCache, lets_an_answer_go_that_alone_is_too_large) {
  TimerQueue timers;
  AnswerCache cache(3, 50, seconds{15}, timers);
  cache.add({}, ResponseToken{1}, received(1, 1));
  cache.set_answer(*cache.find(ResponseToken{1}), Bytes(100));
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.octets(), 0U);
}

TEST(AnswerCache, forgets_one_by_its_token) {
  TimerQueue timers;
  AnswerCache cache(3, 1'000, seconds{15}, timers);
  cache.add({}, ResponseToken{1}, received(1, 1));
  cache.forget(ResponseToken{1});
  EXPECT_EQ(cache.find(node_id(1), wire::TransactionId{1}), nullptr);
  cache.add({}, ResponseToken{2}, received(1, 1));
  EXPECT_NE(cache.find(ResponseToken{2}), nullptr);
  timers.run_due({MonotonicTime{} + seconds{15}, {}});
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace carillon::transport
