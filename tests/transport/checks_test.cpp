// Whom we believe: RFC 6940, 6.3.2.1, 6.3.3 and 6.3.4.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transport_network.hpp"

namespace carillon::transport {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using wire::ErrorResponseCode;

const wire::MessageContents ping{MessageCode::ping_req, Bytes{0, 0}, {}};

struct Checks : testing::Test {
  Checks() { network.net.connect_line(); }
  /// Node `from` sends octets of its own making.
  void send(std::size_t from, wire::DestinationList to, wire::TransactionId id,
            const Bytes& payload) {
    auto header = forwarding::header_to(std::move(to), static_cast<std::uint64_t>(id));
    ASSERT_TRUE(network.net[from].forwarding.send(network.now(), header, payload));
    network.net.settle();
  }
  [[nodiscard]] const TransportCounters& counters(std::size_t node) {
    return network[node].transport.counters();
  }

  TransportNetwork network{3};
  Outcomes outcomes;
};

TEST_F(Checks, a_message_with_any_bit_of_its_contents_changed_is_dropped) {
  const wire::TransactionId id{5};
  const Bytes good = signed_payload(network[0].credential, id, ping);
  const std::size_t contents_size = wire::encode(ping).size();
  for (std::size_t i = 0; i < contents_size; ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    send(0, {network.id(1)}, id, bad);
  }
  EXPECT_THAT(network[1].requests.received, IsEmpty());
  EXPECT_EQ(counters(1).not_authentic + counters(1).malformed + counters(1).unmatched,
            contents_size);
  EXPECT_EQ(counters(1).errors_sent, 0U) << "dropped without a word";
  send(0, {network.id(1)}, id, good);
  EXPECT_THAT(network[1].requests.received, SizeIs(1));
}

TEST_F(Checks, a_signature_holds_for_its_transaction_only) {
  send(0, {network.id(1)}, wire::TransactionId{6},
       signed_payload(network[0].credential, wire::TransactionId{5}, ping));
  EXPECT_EQ(counters(1).not_authentic, 1U);
}

TEST_F(Checks, a_certificate_of_another_overlay_is_worth_nothing) {
  security::TestOverlay other;
  const auto issued = other.node(network.id(0));
  const security::Credential forged{
      issued.certificate, {}, network.id(0), std::make_shared<security::OpensslSigner>(issued.key)};
  const wire::TransactionId id{5};
  send(0, {network.id(1)}, id, signed_payload(forged, id, ping));
  EXPECT_EQ(counters(1).not_authentic, 1U);
  EXPECT_THAT(network[1].requests.received, IsEmpty());
}

TEST_F(Checks, a_certificate_that_has_expired_is_worth_nothing) {
  network.net.now.wall += security::one_day * 3'000;
  network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  EXPECT_EQ(counters(1).not_authentic, 1U);
}

TEST_F(Checks, every_truncation_of_a_payload_is_dropped) {
  const wire::TransactionId id{5};
  const Bytes good = signed_payload(network[0].credential, id, ping);
  for (std::size_t size = 0; size < good.size(); size += 7) {
    send(0, {network.id(1)}, id, Bytes(good.begin(), good.begin() + static_cast<long>(size)));
  }
  EXPECT_THAT(network[1].requests.received, IsEmpty());
  EXPECT_GT(counters(1).malformed, 50U);
}

TEST_F(Checks, an_answer_must_be_from_the_node_that_was_asked) {
  const auto id = network.ask(0, {network.id(2)}, outcomes);
  network.net.settle();
  send(1, {network.id(0)}, id,
       signed_payload(network[1].credential, id, {MessageCode::store_ans, {}, {}}));
  EXPECT_EQ(outcomes.count(), 0U);
  EXPECT_EQ(counters(0).wrong_responder, 1U);
  network[2].transport.respond(network.now(), network[2].requests.received[0].second, Bytes{});
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1)) << "the right one still counts";
}

TEST_F(Checks, the_wildcard_may_be_answered_by_anybody) {
  network[1].requests.answer_with = Bytes{};
  network.ask(0, {network.id(1), NodeId::wildcard()}, outcomes);
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Checks, a_resource_must_be_answered_by_a_node_that_is_close_enough) {
  network.net[2].oracle.resources.insert(resource);
  network[0].responders.implausible.insert(network.id(1));
  const auto id = network.ask(0, {wire::Destination(resource)}, outcomes);
  network.net.settle();
  send(1, {network.id(0)}, id,
       signed_payload(network[1].credential, id, {MessageCode::store_ans, {}, {}}));
  EXPECT_EQ(counters(0).wrong_responder, 1U);
  network[2].transport.respond(network.now(), network[2].requests.received[0].second, Bytes{});
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Checks, the_partition_ping_takes_an_answer_from_anybody) {
  network.net[1].oracle.resources.insert(resource);
  network[0].responders.implausible.insert(network.id(1));
  network[1].requests.answer_with = Bytes{};
  RequestOptions options;
  options.responder = ResponderCheck::anybody;
  network.ask(0, {network.id(1), wire::Destination(resource)}, outcomes, options);
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Checks, an_answer_to_another_request_is_dropped) {
  const auto id = network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  send(1, {network.id(0)}, id,
       signed_payload(network[1].credential, id, {MessageCode::fetch_ans, {}, {}}));
  send(1, {network.id(0)}, wire::TransactionId{99},
       signed_payload(network[1].credential, wire::TransactionId{99},
                      {MessageCode::store_ans, {}, {}}));
  EXPECT_EQ(outcomes.count(), 0U);
  EXPECT_EQ(counters(0).unmatched, 2U);
}

TEST_F(Checks, an_error_from_a_node_on_the_way_is_only_advice) {
  RequestOptions options;
  options.forwarding_options = {{wire::ForwardingOptionType{0x50}, 0x01, {}}};  // FORWARD_CRITICAL
  network.ask(0, {network.id(2)}, outcomes, options);
  network.net.settle();
  EXPECT_EQ(counters(1).errors_sent, 1U);
  EXPECT_EQ(counters(0).advisory_errors, 1U);
  EXPECT_EQ(outcomes.count(), 0U);
  network.run_for(seconds{15});
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::request_timeout);
  EXPECT_THAT(outcomes.failures[0].first.error.detail,
              HasSubstr("Error_Unsupported_Forwarding_Option"));
}

TEST_F(Checks, errors_on_behalf_of_forwarding_are_limited) {
  TransportOptions options;
  options.max_rejections_per_second = 2;
  TransportNetwork three(3, options);
  three.net.connect_line();
  RequestOptions critical;
  critical.forwarding_options = {{wire::ForwardingOptionType{0x50}, 0x01, {}}};
  for (int i = 0; i < 5; ++i)
    three.ask(0, {three.id(2)}, outcomes, critical);
  three.net.settle();
  EXPECT_EQ(three[1].transport.counters().errors_sent, 2U);
  EXPECT_EQ(three[1].transport.counters().rejections_limited, 3U);
}

TEST_F(Checks, an_error_is_never_answered) {
  const wire::TransactionId id{5};
  wire::ErrorResponse error{ErrorResponseCode::forbidden, {}};
  send(0, {network.id(1)}, id,
       signed_payload(network[0].credential, id, wire::make_contents(error)));
  auto contents = wire::make_contents(error);
  contents.extensions.push_back({wire::MessageExtensionType{0x99}, true, {}});
  send(0, {network.id(1)}, id, signed_payload(network[0].credential, id, contents));
  EXPECT_EQ(counters(1).errors_sent, 0U);
  EXPECT_EQ(counters(1).unmatched, 2U);
}

TEST_F(Checks, codes_that_are_neither_requests_nor_responses_are_dropped) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0, 0x8000, 0x8001, 0xfffe}) {
    const wire::TransactionId id{code};
    send(0, {network.id(1)}, id,
         signed_payload(network[0].credential, id, {MessageCode{code}, {}, {}}));
  }
  EXPECT_EQ(counters(1).malformed, 4U);
}

struct Objections : Checks {
  ErrorCode objection(MessageCode code, RequestOptions options) {
    Outcomes single;
    network[1].requests.answer_with = Bytes{};
    network.ask(0, {network.id(1)}, single, std::move(options), code, {});
    network.net.settle();
    return single.failures.empty() ? ErrorCode{} : single.failures[0].first.error.code;
  }
};

TEST_F(Objections, to_a_message_code_that_is_not_assigned) {
  EXPECT_EQ(objection(MessageCode{0x71}, {}), ErrorCode::invalid_message);
  EXPECT_THAT(network[1].requests.received, IsEmpty());
}

TEST_F(Objections, to_a_critical_extension_but_not_to_another) {
  RequestOptions options;
  options.extensions = {{wire::MessageExtensionType{0x99}, true, {1}}};
  EXPECT_EQ(objection(MessageCode::ping_req, options), ErrorCode::unknown_extension);
  EXPECT_THAT(network[1].requests.received, IsEmpty());
  options.extensions[0].critical = false;
  EXPECT_EQ(objection(MessageCode::ping_req, options), ErrorCode{});
  ASSERT_THAT(network[1].requests.received, SizeIs(1));
  EXPECT_THAT(network[1].requests.received[0].first.contents.extensions, SizeIs(1));
}

TEST_F(Objections, to_a_destination_critical_option) {
  RequestOptions options;
  options.forwarding_options = {{wire::ForwardingOptionType{0x50}, 0x02, {}}};
  EXPECT_EQ(objection(MessageCode::ping_req, options), ErrorCode::unknown_extension);
  EXPECT_THAT(network[1].requests.received, IsEmpty());
}

TEST_F(Checks, an_answer_with_a_critical_extension_ends_the_request_without_being_answered) {
  const auto id = network.ask(0, {network.id(1)}, outcomes);
  network.net.settle();
  wire::MessageContents answer{MessageCode::store_ans, {}, {}};
  answer.extensions.push_back({wire::MessageExtensionType{0x99}, true, {}});
  send(1, {network.id(0)}, id, signed_payload(network[1].credential, id, answer));
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::unknown_extension);
  EXPECT_EQ(counters(0).errors_sent, 0U);
}

struct Configurations : Checks {
  void set(std::size_t node, std::uint16_t sequence) {
    network[node].transport.set_configuration(config::ConfigSequence{sequence}, seconds{3});
  }
  void ask(MessageCode code = MessageCode::ping_req) {
    network[1].requests.answer_with = Bytes{};
    network.ask(0, {network.id(1)}, outcomes, {}, code, {});
    network.net.settle();
  }
};

TEST_F(Configurations, an_older_one_is_refused_and_both_sides_are_told) {
  set(0, 4);
  set(1, 5);
  ask();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::config_too_old);
  EXPECT_THAT(network[1].requests.received, IsEmpty());
  ASSERT_THAT(network[1].requests.mismatches, SizeIs(1));
  EXPECT_EQ(network[1].requests.mismatches[0].node, network.id(0));
  EXPECT_TRUE(network[1].requests.mismatches[0].theirs_is_older);
  ASSERT_THAT(network[0].requests.mismatches, SizeIs(1));
  EXPECT_FALSE(network[0].requests.mismatches[0].theirs_is_older);
}

TEST_F(Configurations, a_newer_one_is_refused_and_the_requester_must_update_the_other) {
  set(0, 3);
  set(1, 65'530);  // Counting round, 3 comes after.
  ask();
  ASSERT_THAT(outcomes.failures, SizeIs(1));
  EXPECT_EQ(outcomes.failures[0].first.error.code, ErrorCode::config_too_new);
  ASSERT_THAT(network[0].requests.mismatches, SizeIs(1));
  EXPECT_TRUE(network[0].requests.mismatches[0].theirs_is_older);
}

TEST_F(Configurations, do_not_matter_to_a_config_update) {
  set(0, 4);
  set(1, 5);
  ask(MessageCode::config_update_req);
  EXPECT_THAT(outcomes.responses, SizeIs(1));
  EXPECT_THAT(network[1].requests.mismatches, IsEmpty());
}

TEST_F(Configurations, do_not_matter_to_nodes_on_the_way_nor_in_answers) {
  set(1, 7);
  network[2].requests.answer_with = Bytes{};
  network.ask(0, {network.id(2)}, outcomes);
  set(2, 0);
  network.net.settle();
  EXPECT_THAT(outcomes.responses, SizeIs(1));
}

TEST_F(Configurations, the_number_for_config_updates_is_refused_in_anything_else) {
  const wire::TransactionId id{5};
  auto header = forwarding::header_to({network.id(1)}, 5);
  header.configuration_sequence = wire::ForwardingHeader::any_configuration;
  ASSERT_TRUE(network.net[0].forwarding.send(network.now(), header,
                                             signed_payload(network[0].credential, id, ping)));
  network.net.settle();
  EXPECT_THAT(network[1].requests.received, IsEmpty());
  EXPECT_EQ(counters(1).errors_sent, 1U);
}

}  // namespace
}  // namespace carillon::transport
