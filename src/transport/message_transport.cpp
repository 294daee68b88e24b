// Requests of this node: sent, repeated, finished (RFC 6940, 6.2.1).
#include "transport/message_transport.hpp"

#include <algorithm>
#include <string>

#include "security/signing.hpp"

namespace carillon::transport {

using wire::MessageCode;
using wire::TransactionId;

MessageTransport::MessageTransport(TransportOptions options, Dependencies dependencies)
    : options_(options),
      to_(dependencies),
      answers_(options.max_answers, options.max_answer_octets, options.request_lifetime,
               dependencies.timers),
      read_answers_(options.max_read_answers, options.max_read_answer_octets,
                    options.request_lifetime, dependencies.timers) {}

MessageTransport::~MessageTransport() {
  for (auto& [id, transaction] : transactions_)
    to_.timers.cancel(transaction.timer);
}

TransactionId MessageTransport::request(Now now, wire::DestinationList destinations,
                                        MessageCode code, Bytes body, RequestOptions options,
                                        ResponseHandler handler) {
  TransactionId id{to_.random.u64()};
  while (transactions_.contains(id))
    id = TransactionId{to_.random.u64()};
  const auto refuse = [&](Error error) {
    upcalls_.emplace_back(
        Completion{std::move(handler), std::unexpected(RequestFailure{std::move(error), {}, {}})});
    return id;
  };
  if (transactions_.size() >= options_.max_transactions) {
    return refuse({ErrorCode::busy, "MessageTransport.request", "too many requests under way"});
  }
  const security::Credential& credential =
      options.credential ? *options.credential : to_.credential;
  auto payload = sign(credential, id, {code, std::move(body), std::move(options.extensions)},
                      std::move(options.certificates));
  if (!payload) return refuse(std::move(payload.error()));

  Transaction transaction;
  transaction.destinations = std::move(destinations);
  transaction.code = code;
  transaction.payload = std::move(*payload);
  transaction.max_response_length = options.max_response_length;
  transaction.forwarding_options = std::move(options.forwarding_options);
  transaction.responder = options.responder;
  transaction.on_link_down = options.on_link_down;
  transaction.sends_left = std::max(1U, options.max_sends.value_or(options_.max_sends));
  transaction.interval = options.interval.value_or(options_.reliability_timer);
  transaction.started = now.monotonic;
  transaction.fails_at = now.monotonic + transaction.interval * transaction.sends_left;
  transaction.handler = std::move(handler);
  const auto entry = transactions_.emplace(id, std::move(transaction)).first;
  transmit(now, id, entry->second);
  return id;
}

void MessageTransport::transmit(Now now, TransactionId id, Transaction& transaction) {
  wire::ForwardingHeader header;
  header.destination_list = transaction.destinations;
  header.transaction_id = id;
  // ConfigUpdate must get through to whoever has another configuration (6.3.2.1).
  header.configuration_sequence = transaction.code == MessageCode::config_update_req
                                      ? wire::ForwardingHeader::any_configuration
                                      : static_cast<std::uint16_t>(options_.configuration_sequence);
  header.max_response_length = transaction.max_response_length;
  header.options = transaction.forwarding_options;
  auto sent = to_.forwarding.send(now, std::move(header), transaction.payload);
  if (!sent) return handle_unsent(now, id, transaction, std::move(sent.error()));
  transaction.was_sent ? ++counters_.retransmissions : ++counters_.requests_sent;
  transaction.was_sent = true;
  transaction.next_hop = *sent;
  --transaction.sends_left;
  observe(MessageDirection::sent, transaction.code, transaction.payload.size());
  set_timer(id, transaction, now.monotonic + transaction.interval);
}

void MessageTransport::handle_unsent(Now now, TransactionId id, Transaction& transaction,
                                     Error error) {
  transaction.next_hop.reset();
  const bool may_pass = error.code == ErrorCode::unreachable || error.code == ErrorCode::busy;
  if (!may_pass || transaction.on_link_down == OnLinkDown::fail) {
    return finish(id, std::unexpected(RequestFailure{std::move(error), {}, {}}));
  }
  transaction.advice = std::move(error);
  set_timer(id, transaction,
            std::min(transaction.fails_at,
                     now.monotonic + std::min(options_.unsent_retry, transaction.interval)));
}

void MessageTransport::set_timer(TransactionId id, Transaction& transaction, MonotonicTime at) {
  to_.timers.cancel(transaction.timer);
  transaction.timer = to_.timers.set(at, [this, id](Now now) { handle_timer(now, id); });
}

void MessageTransport::handle_timer(Now now, TransactionId id) {
  const auto entry = transactions_.find(id);
  if (entry == transactions_.end()) return;
  Transaction& transaction = entry->second;
  transaction.timer = TimerId::none;
  const bool is_over = transaction.sends_left == 0 || now.monotonic >= transaction.fails_at;
  if (!is_over) return transmit(now, id, transaction);
  ++counters_.timeouts;
  std::string detail = "no answer to " + std::string(wire::to_string(transaction.code));
  if (transaction.advice) detail += "; last heard: " + transaction.advice->message();
  finish(id,
         std::unexpected(RequestFailure{
             {ErrorCode::request_timeout, "MessageTransport.request", std::move(detail)}, {}, {}}));
}

void MessageTransport::finish(TransactionId id, Outcome outcome) {
  auto node = transactions_.extract(id);
  if (node.empty()) return;
  to_.timers.cancel(node.mapped().timer);
  upcalls_.emplace_back(Completion{std::move(node.mapped().handler), std::move(outcome)});
}

void MessageTransport::cancel(TransactionId transaction, Error error) {
  finish(transaction, std::unexpected(RequestFailure{std::move(error), {}, {}}));
}

std::optional<forwarding::LinkEvent> MessageTransport::poll_link_event(Now now) {
  auto event = to_.forwarding.links().poll_event();
  if (!event) return event;
  if (const auto* down = std::get_if<forwarding::LinkDown>(&*event)) {
    handle_link_down(now, down->node);
  } else if (const auto* up = std::get_if<forwarding::LinkUp>(&*event); up && up->replaced) {
    handle_link_down(now, up->node);
  }
  return event;
}

void MessageTransport::handle_link_down(Now now, const NodeId& node) {
  std::vector<TransactionId> affected;
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.next_hop == node) affected.push_back(id);
  }
  std::ranges::sort(affected);  // Not the table's order: a simulation must replay.
  for (const TransactionId id : affected) {
    Transaction& transaction = transactions_.at(id);
    transaction.next_hop.reset();
    if (transaction.on_link_down == OnLinkDown::fail) {
      finish(id, std::unexpected(
                     RequestFailure{{ErrorCode::unreachable, "MessageTransport.request",
                                     "the link to the next hop " + node.to_hex() + " closed"},
                                    {},
                                    {}}));
    } else if (transaction.on_link_down == OnLinkDown::resend && transaction.sends_left > 0) {
      // Not in here: the topology must first learn that the node is gone.
      set_timer(id, transaction, now.monotonic);
    }
  }
}

void MessageTransport::pump(Now now) {
  for (;;) {
    while (auto incoming = to_.forwarding.poll_incoming()) {
      if (auto* message = std::get_if<forwarding::Delivered>(&*incoming)) {
        handle_delivered(now, std::move(*message));
      } else {
        handle_rejected(now, std::get<forwarding::Rejected>(*incoming));
      }
    }
    if (upcalls_.empty()) return;
    Upcall upcall = upcalls_.take_front();
    run(now, std::move(upcall));
  }
}

void MessageTransport::run(Now now, Upcall upcall) {
  if (auto* request = std::get_if<Request>(&upcall)) {
    to_.handler.handle_request(now, std::move(request->request), request->token);
  } else if (auto* completion = std::get_if<Completion>(&upcall)) {
    completion->handler(now, std::move(completion->outcome));
  } else {
    to_.handler.handle_config_mismatch(now, std::get<ConfigMismatch>(upcall));
  }
}

Result<Bytes> MessageTransport::sign(const security::Credential& credential, TransactionId id,
                                     const wire::MessageContents& contents,
                                     security::CertificateBucket certificates) {
  const Bytes octets = wire::encode(contents);
  auto block =
      security::sign_message(credential, options_.overlay, id, octets, std::move(certificates));
  if (!block) return std::unexpected(std::move(block.error()));
  return wire::join_payload(octets, *block);
}

void MessageTransport::set_configuration(config::ConfigSequence sequence,
                                         milliseconds reliability_timer) {
  options_.configuration_sequence = sequence;
  options_.reliability_timer = reliability_timer;
}

std::size_t MessageTransport::max_body_size(const security::CertificateBucket& certificates) const {
  constexpr std::size_t hop = 2 + NodeId::size;  // An entry of the Via List.
  constexpr std::size_t usual_hops = 16;
  constexpr std::size_t destinations = 4 * hop;
  constexpr std::size_t lengths = 64;  // Of contents, security block and signature.
  constexpr std::size_t largest_signature = 512;
  std::size_t taken = wire::ForwardingHeader::fixed_size + usual_hops * hop + destinations +
                      lengths + largest_signature;
  security::CertificateBucket all = certificates;
  all.add(to_.credential);
  for (const auto& certificate : all.certificates())
    taken += certificate->der().size() + 3;
  const std::size_t limit = to_.forwarding.options().link.max_message_size;
  return limit - std::min(limit, taken);
}

void MessageTransport::observe(MessageDirection direction, MessageCode code, std::size_t octets,
                               std::optional<MonotonicClock::duration> round_trip) {
  if (observer_) observer_({direction, code, octets, round_trip});
}

}  // namespace carillon::transport
