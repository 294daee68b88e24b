#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "sip/client_transactions.hpp"
#include "sip/request_check.hpp"
#include "sip/transaction_layer.hpp"
#include "sip/world.hpp"

namespace carillon::sip {
namespace {

using test::lines;
using test::parsed;

struct Sent {
  milliseconds at{};
  std::string octets{};
};

/// A layer with a transport that remembers and a user that remembers.
class Transactions : public testing::Test, public MessageSender, public TransactionUser {
 protected:
  Transactions() { layer.set_user(this); }

  bool send(const Hop& /*hop*/, std::string octets) override {
    if (broken) return false;
    sent.push_back({std::chrono::floor<milliseconds>(context.now.monotonic.time_since_epoch()),
                    std::move(octets)});
    return true;
  }
  void handle_response(TransactionId /*client*/, SipMessage response) override {
    responses.push_back(response.status());
  }
  void handle_failure(TransactionId /*client*/, ClientFailure failure) override {
    failures.push_back(failure);
  }
  void handle_server_ended(TransactionId /*server*/) override { ++servers_ended; }

  void advance(milliseconds duration) {
    const auto end = context.now.monotonic + duration;
    while (const auto next = timers.next_deadline()) {
      if (*next > end) break;
      context.now.monotonic = std::max(*next, context.now.monotonic);
      timers.run_due(context.now);
      layer.clean_up();
    }
    context.now.monotonic = end;
  }

  [[nodiscard]] static std::string request_text(const std::string& method,
                                                const std::string& branch = "z9hG4bKserver") {
    return lines({method + " sip:bob@example.org SIP/2.0",
                  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch, "Max-Forwards: 70",
                  "From: <sip:alice@example.org>;tag=a", "To: <sip:bob@example.org>",
                  "Call-ID: call", "CSeq: 1 " + method});
  }

  IncomingRequest incoming(const std::string& text, Transport transport = Transport::udp) {
    IncomingRequest request;
    request.message = parsed(text);
    request.source.hop = {transport,
                          LocalTransportId{1},
                          {"192.0.2.1", 5060},
                          transport == Transport::udp ? FlowId::none : FlowId{5}};
    EXPECT_FALSE(check_request(request));
    return request;
  }

  TransactionId serve(const std::string& method, Transport transport = Transport::udp) {
    const auto id = layer.create_server(incoming(request_text(method), transport));
    EXPECT_TRUE(id);
    return id.value_or(TransactionId::none);
  }
  void respond(TransactionId server, int status) {
    layer.respond(server, make_response(parsed(request_text("INVITE")), status, {}, "b"));
  }

  TransactionId call(const std::string& method, Transport transport = Transport::udp) {
    const Hop hop{transport,
                  LocalTransportId{1},
                  {"192.0.2.9", 5060},
                  transport == Transport::udp ? FlowId::none : FlowId{5}};
    client_request = parsed(request_text(method, "z9hG4bKclient"));
    return layer.create_client(client_request, hop).value_or(TransactionId::none);
  }
  bool answer(int status, const std::string& tag = "b") {
    return layer.handle_response(make_response(client_request, status, {}, tag), "z9hG4bKclient");
  }
  /// When messages were sent, since the start.
  [[nodiscard]] std::vector<int> times() const {
    std::vector<int> out;
    for (const auto& one : sent)
      out.push_back(static_cast<int>(one.at.count()));
    return out;
  }

  TimerQueue timers;
  SeededRandom random{3};
  CoreContext context{test::World::default_options(), timers, random, {}};
  TransactionLayer layer{context, *this};
  SipMessage client_request;
  bool broken{false};
  std::vector<Sent> sent;
  std::vector<int> responses;
  std::vector<ClientFailure> failures;
  int servers_ended{0};
};

using Times = std::vector<int>;

// INVITE client, 17.1.1.

TEST_F(Transactions, InviteClientRepeatsByTimerAUntilTimerB) {
  EXPECT_NE(call("INVITE"), TransactionId::none);
  advance(seconds{31});
  EXPECT_EQ(times(), (Times{0, 500, 1500, 3500, 7500, 15500}));
  EXPECT_TRUE(failures.empty());
  advance(seconds{2});
  EXPECT_EQ(times(), (Times{0, 500, 1500, 3500, 7500, 15500, 31500}));
  EXPECT_EQ(failures, std::vector{ClientFailure::timeout});
  EXPECT_EQ(layer.client_count(), 0U);
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, InviteClientDoesNotRepeatOnAStream) {
  call("INVITE", Transport::tcp);
  advance(seconds{33});
  EXPECT_EQ(times(), (Times{0}));
  EXPECT_EQ(failures, std::vector{ClientFailure::timeout});
}

TEST_F(Transactions, InviteClientWaitsWithoutEndOnceSomethingCame) {
  call("INVITE");
  advance(milliseconds{600});
  EXPECT_TRUE(answer(180));
  advance(seconds{300});
  EXPECT_EQ(times(), (Times{0, 500}));
  EXPECT_EQ(responses, (std::vector{180}));
  EXPECT_EQ(layer.client_count(), 1U);
}

TEST_F(Transactions, InviteClientAcknowledgesErrorsUntilTimerD) {
  call("INVITE");
  EXPECT_TRUE(answer(180));
  EXPECT_TRUE(answer(486));
  ASSERT_EQ(sent.size(), 2U);
  const auto ack = parsed(sent[1].octets);
  EXPECT_EQ(ack.method(), Method::ack);
  EXPECT_EQ(ack.header(HeaderId::via), client_request.header(HeaderId::via));
  EXPECT_EQ(ack.header(HeaderId::to), "<sip:bob@example.org>;tag=b");
  EXPECT_EQ(ack.header(HeaderId::cseq), "1 ACK");
  advance(seconds{10});
  EXPECT_TRUE(answer(486));
  EXPECT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[2].octets, sent[1].octets);
  EXPECT_EQ(responses, (std::vector{180, 486}));
  advance(seconds{23});
  EXPECT_FALSE(answer(486));
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, InviteClientOnAStreamEndsWithItsAck) {
  call("INVITE", Transport::tcp);
  EXPECT_TRUE(answer(603));
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_EQ(layer.client_count(), 0U);
}

TEST_F(Transactions, InviteClientPassesEvery2xxUntilTimerM) {
  call("INVITE");
  EXPECT_TRUE(answer(200, "b"));
  EXPECT_TRUE(answer(200, "b"));
  EXPECT_TRUE(answer(200, "other branch downstream"));
  EXPECT_TRUE(answer(180));
  EXPECT_TRUE(answer(486));
  EXPECT_EQ(responses, (std::vector{200, 200, 200}));
  EXPECT_EQ(sent.size(), 1U) << "the ACK for a 2xx is not the transaction's";
  advance(seconds{31});
  EXPECT_TRUE(answer(200));
  advance(seconds{2});
  EXPECT_FALSE(answer(200));
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, ClientFailsWhenItCannotSend) {
  for (const auto* method : {"INVITE", "OPTIONS"}) {
    broken = true;
    EXPECT_NE(call(method), TransactionId::none);
    EXPECT_TRUE(failures.empty()) << "not from inside the call";
    advance(milliseconds{0});
    EXPECT_EQ(failures, std::vector{ClientFailure::transport});
    EXPECT_EQ(layer.client_count(), 0U);
    failures.clear();
  }
}

TEST_F(Transactions, ClientsFailWithTheirFlow) {
  call("INVITE", Transport::tcp);
  layer.handle_flow_closed(FlowId{4});
  EXPECT_TRUE(failures.empty());
  layer.handle_flow_closed(FlowId{5});
  EXPECT_EQ(failures, std::vector{ClientFailure::transport});
  EXPECT_EQ(layer.client_count(), 0U);
}

TEST_F(Transactions, ClientsFailWhenTheAddressIsUnreachable) {
  call("OPTIONS");
  layer.handle_unreachable(LocalTransportId{1}, {"192.0.2.8", 5060});
  EXPECT_TRUE(failures.empty());
  layer.handle_unreachable(LocalTransportId{1}, {"192.0.2.9", 5060});
  EXPECT_EQ(failures, std::vector{ClientFailure::transport});
}

// Non-INVITE client, 17.1.2.

TEST_F(Transactions, NonInviteClientRepeatsByTimerEUntilTimerF) {
  call("OPTIONS");
  advance(seconds{33});
  EXPECT_EQ(times(), (Times{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
  EXPECT_EQ(failures, std::vector{ClientFailure::timeout});
}

TEST_F(Transactions, NonInviteClientRepeatsByT2AfterAProvisional) {
  call("OPTIONS");
  advance(milliseconds{600});
  EXPECT_TRUE(answer(100));
  advance(seconds{12});
  EXPECT_EQ(times(), (Times{0, 500, 1500, 5500, 9500}));
  EXPECT_TRUE(answer(200));
  EXPECT_TRUE(answer(200));
  EXPECT_EQ(responses, (std::vector{100, 200}));
  advance(milliseconds{4900});
  EXPECT_TRUE(answer(200)) << "timer K absorbs retransmissions";
  advance(milliseconds{200});
  EXPECT_FALSE(answer(200));
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, NonInviteClientOnAStreamEndsAtOnce) {
  call("OPTIONS", Transport::tcp);
  advance(seconds{5});
  EXPECT_EQ(times(), (Times{0}));
  EXPECT_TRUE(answer(200));
  EXPECT_EQ(layer.client_count(), 0U);
}

TEST_F(Transactions, ResponsesAreMatchedByBranchAndMethod) {
  call("OPTIONS");
  const auto response = make_response(client_request, 200, {}, "b");
  EXPECT_FALSE(layer.handle_response(response, "z9hG4bKother"));
  auto other_method = response;
  other_method.set(HeaderId::cseq, "1 BYE");
  EXPECT_FALSE(layer.handle_response(other_method, "z9hG4bKclient"));
  EXPECT_TRUE(layer.handle_response(response, "z9hG4bKclient"));
}

// INVITE server, 17.2.1 and RFC 6026.

TEST_F(Transactions, InviteServerRepeatsErrorsByTimerGUntilTimerH) {
  const auto server = serve("INVITE");
  respond(server, 486);
  advance(seconds{31});
  EXPECT_EQ(times(), (Times{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500}));
  EXPECT_EQ(servers_ended, 0);
  advance(seconds{2});
  EXPECT_EQ(servers_ended, 1);
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, InviteServerStopsAtTheAckAndAbsorbsMoreUntilTimerI) {
  const auto server = serve("INVITE");
  respond(server, 486);
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE"))));
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_TRUE(layer.absorb(incoming(request_text("ACK"))));
  advance(milliseconds{4900});
  EXPECT_EQ(sent.size(), 2U);
  EXPECT_TRUE(layer.absorb(incoming(request_text("ACK"))));
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE"))));
  EXPECT_EQ(sent.size(), 2U);
  advance(milliseconds{200});
  EXPECT_EQ(servers_ended, 1);
  EXPECT_FALSE(layer.absorb(incoming(request_text("INVITE"))));
}

TEST_F(Transactions, InviteServerOnAStreamDoesNotRepeat) {
  const auto server = serve("INVITE", Transport::tcp);
  respond(server, 486);
  advance(seconds{31});
  EXPECT_EQ(times(), (Times{0}));
  EXPECT_TRUE(layer.absorb(incoming(request_text("ACK"), Transport::tcp)));
  EXPECT_EQ(servers_ended, 1);
}

TEST_F(Transactions, InviteServerAnswersRetransmissionsWithTheLastProvisional) {
  const auto server = serve("INVITE");
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE"))));
  EXPECT_TRUE(sent.empty());
  respond(server, 100);
  respond(server, 180);
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE"))));
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[2].octets, sent[1].octets);
}

TEST_F(Transactions, InviteServerStaysAcceptedForTimerL) {
  const auto server = serve("INVITE");
  respond(server, 200);
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE")))) << "absorbed in silence";
  EXPECT_EQ(sent.size(), 1U);
  respond(server, 200);
  respond(server, 486);
  respond(server, 180);
  EXPECT_EQ(sent.size(), 2U) << "only further 2xx pass";
  EXPECT_FALSE(layer.absorb(incoming(request_text("ACK")))) << "the proxy passes it on";
  advance(seconds{33});
  EXPECT_EQ(servers_ended, 1);
  EXPECT_EQ(sent.size(), 2U) << "the 2xx is repeated by the phone, not by the transaction";
}

// Non-INVITE server, 17.2.2.

TEST_F(Transactions, NonInviteServerRepeatsItsAnswerUntilTimerJ) {
  const auto server = serve("OPTIONS");
  EXPECT_TRUE(layer.absorb(incoming(request_text("OPTIONS"))));
  EXPECT_TRUE(sent.empty());
  respond(server, 200);
  respond(server, 404);
  EXPECT_EQ(sent.size(), 1U);
  advance(seconds{31});
  EXPECT_TRUE(layer.absorb(incoming(request_text("OPTIONS"))));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[1].octets, sent[0].octets);
  advance(seconds{2});
  EXPECT_FALSE(layer.absorb(incoming(request_text("OPTIONS"))));
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(Transactions, WhatHasOnlyToEndWakesNobodyUpByItself) {
  constexpr int count = 1000;
  for (int i = 0; i < count; ++i) {
    const auto text = request_text("OPTIONS", "z9hG4bK" + std::to_string(i));
    const auto server = layer.create_server(incoming(text));
    ASSERT_TRUE(server);
    respond(*server, 200);
    context.now.monotonic += std::chrono::microseconds{1000};
  }
  int wakes = 0;
  for (; timers.next_deadline(); ++wakes)
    advance(std::chrono::ceil<milliseconds>(*timers.next_deadline() - context.now.monotonic));
  EXPECT_EQ(layer.server_count(), 0U);
  EXPECT_LE(wakes, 1000 / 64 + 2);
  EXPECT_GE(context.now.monotonic.time_since_epoch(),
            transaction_timeout + seconds{1} - milliseconds{2});
}

TEST_F(Transactions, NonInviteServerOnAStreamEndsWithItsAnswer) {
  respond(serve("OPTIONS", Transport::tcp), 200);
  EXPECT_EQ(layer.server_count(), 0U);
}

// Matching, 17.2.3.

TEST_F(Transactions, RequestsAreMatchedByBranchSentByAndMethod) {
  serve("INVITE");
  EXPECT_TRUE(layer.absorb(incoming(request_text("INVITE"))));
  EXPECT_FALSE(layer.absorb(incoming(request_text("INVITE", "z9hG4bKother"))));
  EXPECT_FALSE(layer.absorb(incoming(request_text("OPTIONS"))));
  auto other = request_text("INVITE");
  other.replace(other.find("192.0.2.1:5060"), 14, "192.0.2.1:5070");
  EXPECT_FALSE(layer.absorb(incoming(other)));
  EXPECT_TRUE(layer.find_cancelled(incoming(request_text("CANCEL"))));
  EXPECT_FALSE(layer.absorb(incoming(request_text("CANCEL"))));
  EXPECT_FALSE(layer.find_cancelled(incoming(request_text("CANCEL", "z9hG4bKother"))));
}

TEST_F(Transactions, WithoutTheCookieRfc2543Matches) {
  const auto text = [](const std::string& method, const std::string& cseq = "1") {
    return lines({method + " sip:bob@example.org SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:5060",
                  "From: <sip:alice@example.org>;tag=a", "To: <sip:bob@example.org>",
                  "Call-ID: call", "CSeq: " + cseq + " " + method});
  };
  EXPECT_TRUE(layer.create_server(incoming(text("INVITE"))));
  EXPECT_TRUE(layer.absorb(incoming(text("INVITE"))));
  EXPECT_FALSE(layer.absorb(incoming(text("INVITE", "2"))));
  EXPECT_TRUE(layer.find_cancelled(incoming(text("CANCEL"))));
}

TEST_F(Transactions, KnowsMergedRequests) {
  const auto first = incoming(request_text("REGISTER", "z9hG4bKone"));
  const auto server = layer.create_server(first);
  ASSERT_TRUE(server);
  layer.note_for_merge(*server, first);
  EXPECT_TRUE(layer.is_merged(incoming(request_text("REGISTER", "z9hG4bKtwo"))));
  respond(*server, 200);
  advance(seconds{33});
  EXPECT_FALSE(layer.is_merged(incoming(request_text("REGISTER", "z9hG4bKtwo"))));
}

TEST_F(Transactions, AreBounded) {
  context.options.limits.transactions = 2;
  EXPECT_TRUE(layer.create_server(incoming(request_text("OPTIONS", "z9hG4bK1"))));
  EXPECT_NE(call("OPTIONS"), TransactionId::none);
  EXPECT_FALSE(layer.create_server(incoming(request_text("OPTIONS", "z9hG4bK2"))));
  EXPECT_EQ(call("OPTIONS"), TransactionId::none);
}

TEST_F(Transactions, WhatIsAnsweredMakesRoom) {
  context.options.limits.transactions = 2;
  const auto first = *layer.create_server(incoming(request_text("OPTIONS", "z9hG4bK1")));
  const auto second = *layer.create_server(incoming(request_text("OPTIONS", "z9hG4bK2")));
  respond(second, 200);
  respond(first, 200);
  EXPECT_TRUE(layer.create_server(incoming(request_text("OPTIONS", "z9hG4bK3"))));
  EXPECT_EQ(layer.server_count(), 2U);
  EXPECT_TRUE(layer.absorb(incoming(request_text("OPTIONS", "z9hG4bK1"))));
  EXPECT_FALSE(layer.absorb(incoming(request_text("OPTIONS", "z9hG4bK2")))) << "the first answered";
  // One place is left to be made, and an INVITE would need two.
  EXPECT_FALSE(layer.create_server(incoming(request_text("INVITE", "z9hG4bK4"))));
  EXPECT_NE(call("OPTIONS"), TransactionId::none);
  advance(seconds{33});
  EXPECT_EQ(layer.server_count(), 1U);
}

TEST_F(Transactions, CancelTakesOverWhatItMust) {
  auto invite = parsed(request_text("INVITE", "z9hG4bKc"));
  invite.append(HeaderId::route, "<sip:r;lr>");
  invite.prepend(HeaderId::via, "SIP/2.0/UDP us;branch=z9hG4bKours");
  const auto cancel = make_cancel(invite);
  EXPECT_EQ(cancel.method(), Method::cancel);
  EXPECT_EQ(cancel.request_uri(), invite.request_uri());
  EXPECT_EQ(cancel.count(HeaderId::via), 1U);
  EXPECT_EQ(cancel.header(HeaderId::via), invite.header(HeaderId::via));
  EXPECT_EQ(cancel.header(HeaderId::route), "<sip:r;lr>");
  EXPECT_EQ(cancel.header(HeaderId::to), invite.header(HeaderId::to));
  EXPECT_EQ(cancel.header(HeaderId::cseq), "1 CANCEL");
}

}  // namespace
}  // namespace carillon::sip
