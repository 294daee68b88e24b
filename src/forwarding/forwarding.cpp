#include "forwarding/forwarding.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "forwarding/fragmentation.hpp"
#include "forwarding/peek.hpp"
#include "wire/message.hpp"

namespace carillon::forwarding {

using wire::ErrorResponseCode;
using wire::ForwardingHeader;

Forwarding::Forwarding(NodeId self, ForwardingOptions options, RoutingOracle& oracle,
                       TimerQueue& timers, Random& random)
    : self_(self),
      options_(options),
      oracle_(oracle),
      opaque_salt_(random.u64()),
      links_(self, options_, timers),
      reassembly_(options_, timers) {}

// --- what arrives ---

void Forwarding::handle_bytes(Now now, LinkId link, ByteView octets) {
  std::optional<Error> error;
  link::Link* connection = links_.handle_bytes(now, link, octets, error);
  if (connection == nullptr) return;
  while (auto message = connection->poll_message())
    handle_message(now, link, *message);
  if (error && error->code == ErrorCode::too_large) {
    handle_oversized(now, link, *connection, error->message());
  }
  links_.settle(now, link);
  if (error && error->code != ErrorCode::too_large) links_.close(now, link, error->message());
}

void Forwarding::handle_message(Now now, LinkId link, ByteView message) {
  ++counters_.received;
  auto split = wire::split_message(message);
  if (!split) return drop(DropReason::malformed);
  Passing passing{link, links_.node_of(link), std::move(split->header), split->payload};
  if (is_acceptable(passing)) route(now, std::move(passing));
}

void Forwarding::route(Now now, Passing passing) {
  const Decision decision = decide(passing.header.destination_list);
  if (const auto* reason = std::get_if<DropReason>(&decision)) return drop(*reason);
  if (const auto* next = std::get_if<Next>(&decision)) {
    return forward(now, std::move(passing), *next);
  }
  deliver(now, std::move(passing));
}

bool Forwarding::reroute(Now now) {
  bool any = false;
  while (const auto message = links_.poll_stranded()) {
    auto passing = taken_back(*message);
    if (!passing) continue;
    any = true;
    ++counters_.rerouted;
    route(now, std::move(*passing));
  }
  return any;
}

/// A request as it was before it was passed on; nothing if it is none, or our own.
std::optional<Forwarding::Passing> Forwarding::taken_back(ByteView message) const {
  auto split = wire::split_message(message);
  if (!split || split->header.via_list.empty()) return std::nullopt;
  ForwardingHeader& header = split->header;
  if (!header.fragment.is_whole() || !peek(header, split->payload).is_request) return std::nullopt;
  const auto* came_from = std::get_if<NodeId>(&header.via_list.back().destination_data);
  if (came_from == nullptr) return std::nullopt;
  const NodeId previous_hop = *came_from;
  header.via_list.pop_back();
  ++header.ttl;
  return Passing{links_.find(previous_hop), previous_hop, std::move(header), split->payload};
}

/// The checks that come before routing (6.1, 6.3.2, 6.1.2).
bool Forwarding::is_acceptable(const Passing& passing) {
  const ForwardingHeader& header = passing.header;
  if (header.overlay != options_.overlay) {
    drop(DropReason::wrong_overlay);
    return false;
  }
  if (header.ttl > options_.initial_ttl) {
    drop(DropReason::ttl_exceeded);
    reject(passing, ErrorResponseCode::ttl_exceeded,
           "the TTL is above " + std::to_string(options_.initial_ttl));
    return false;
  }
  const Peeked peeked = peek(header, passing.payload);
  const bool may_precede_attach = peeked.is_response ||
                                  peeked.code == wire::MessageCode::ping_req ||
                                  peeked.code == wire::MessageCode::attach_req;
  if (!passing.previous_hop && !may_precede_attach) {
    drop(DropReason::not_attached);
    reject(passing, ErrorResponseCode::forbidden, "attach first, to say which Node-ID you use");
    return false;
  }
  return true;
}

void Forwarding::forward(Now now, Passing passing, const Next& next) {
  ForwardingHeader& header = passing.header;
  const bool is_response = peek(header, passing.payload).is_response;
  const auto is_critical = [](const wire::ForwardingOption& option) {
    return option.has(wire::ForwardingFlag::forward_critical);
  };
  if (!is_response && std::ranges::any_of(header.options, is_critical)) {
    drop(DropReason::forward_critical);
    return reject(passing, ErrorResponseCode::unsupported_forwarding_option,
                  "a forwarding option is not understood here");
  }
  if (header.ttl == 0) {
    drop(DropReason::ttl_exceeded);
    return reject(passing, ErrorResponseCode::ttl_exceeded, "no hops left");
  }
  // Where more peers in a row have died than a Neighbor Table holds, those on both sides of the
  // hole send what is for it to each other, until they hear of each other's neighbors. Whoever asks
  // does better to try again than to wait for a hundred hops (found by the simulator).
  if (!is_response && std::ranges::count(header.via_list, wire::Destination{next.node}) > 1) {
    drop(DropReason::in_circles);
    return reject(passing, ErrorResponseCode::ttl_exceeded, "the message runs in circles");
  }
  const wire::Destination via = via_entry(passing);
  --header.ttl;
  if (!is_response) header.via_list.push_back(via);
  const auto sent = transmit(now, next.link, header, passing.payload);
  if (sent) {
    ++counters_.forwarded;
    return;
  }
  if (sent.error().code != ErrorCode::too_large) return drop(DropReason::queue_full);
  drop(DropReason::too_large);
  if (!is_response) header.via_list.pop_back();
  reject(passing, ErrorResponseCode::message_too_large, sent.error().detail);
}

void Forwarding::deliver(Now now, Passing passing) {
  Delivered message;
  message.previous_hop = passing.previous_hop;
  message.return_path = return_path(passing);
  message.header = std::move(passing.header);
  message.payload = to_bytes(passing.payload);
  if (message.header.fragment.is_whole()) return enqueue(std::move(message));
  switch (reassembly_.add(now, std::move(message))) {
    case Reassembly::Outcome::incomplete:
      return;
    case Reassembly::Outcome::refused:
      return drop(DropReason::reassembly);
    case Reassembly::Outcome::complete:
      return enqueue(reassembly_.take_completed());
  }
}

/// A message over the overlay's limit has begun to arrive: its sender is told, if enough of it is
/// here to know whom, and then the link closes (6.6).
void Forwarding::handle_oversized(Now now, LinkId link, const link::Link& connection,
                                  const std::string& reason) {
  const ByteView start = connection.oversized_message();
  if (start.size() < ForwardingHeader::fixed_size) return;
  const std::size_t header_size = peek_header_size(start);
  if (header_size > options_.link.max_message_size) return links_.close_soon(now, link, reason);
  if (start.size() < header_size + peek_size) return;
  Reader reader(start);
  Passing passing{link, links_.node_of(link), ForwardingHeader::decode(reader), {}};
  passing.payload = reader.rest();
  drop(DropReason::too_large);
  if (!reader.failed() && passing.header.overlay == options_.overlay) {
    reject(passing, ErrorResponseCode::message_too_large, reason);
  }
  links_.close_soon(now, link, reason);
}

// --- what is sent from here ---

Result<NodeId> Forwarding::send(Now now, ForwardingHeader header, ByteView payload) {
  header.overlay = options_.overlay;
  header.ttl = options_.initial_ttl;
  header.fragment = wire::Fragment{};
  header.via_list.clear();
  const Decision decision = decide(header.destination_list);
  if (const auto* reason = std::get_if<DropReason>(&decision)) {
    const bool is_fault = *reason == DropReason::malformed ||
                          *reason == DropReason::resource_not_last ||
                          *reason == DropReason::unknown_destination;
    return fail(is_fault ? ErrorCode::invalid_argument : ErrorCode::unreachable, "Forwarding.send",
                std::string(to_string(*reason)));
  }
  if (const auto* next = std::get_if<Next>(&decision)) {
    auto sent = transmit(now, next->link, header, payload);
    if (!sent) return std::unexpected(std::move(sent.error()));
    ++counters_.originated;
    return next->node;
  }
  ++counters_.originated;
  deliver(now, Passing{{}, self_, std::move(header), payload});
  return self_;
}

Result<void> Forwarding::transmit(Now now, LinkId link, const ForwardingHeader& header,
                                  ByteView payload) {
  if (options_.max_fragment_size != 0) {
    auto frames = make_frames(header, payload, options_.max_fragment_size);
    if (!frames) return std::unexpected(std::move(frames.error()));
    for (Bytes& frame : *frames) {
      if (auto sent = links_.send(now, link, std::move(frame)); !sent) return sent;
    }
    return {};
  }
  auto frame = make_frame(header, payload);
  if (!frame) return std::unexpected(std::move(frame.error()));
  return links_.send(now, link, std::move(*frame));
}

// --- what goes up ---

std::optional<Incoming> Forwarding::poll_incoming() {
  if (incoming_.empty()) return std::nullopt;
  return incoming_.take_front();
}

void Forwarding::enqueue(Incoming incoming) {
  if (incoming_.size() >= options_.max_incoming) return drop(DropReason::overloaded);
  std::holds_alternative<Delivered>(incoming) ? ++counters_.delivered : ++counters_.rejected;
  incoming_.push_back(std::move(incoming));
}

void Forwarding::drop(DropReason reason) {
  ++counters_.dropped[static_cast<std::size_t>(reason)];
}

/// Only requests are answered, and of those that are in fragments only the first fragment.
void Forwarding::reject(const Passing& passing, ErrorResponseCode error, std::string detail) {
  if (!peek(passing.header, passing.payload).is_request) return;
  enqueue(Rejected{passing.header, return_path(passing), error, std::move(detail)});
}

void Forwarding::set_limits(std::uint8_t initial_ttl, std::size_t max_message_size) {
  options_.initial_ttl = initial_ttl;
  options_.link.max_message_size = max_message_size;
}

ForwardingCounters Forwarding::counters() const {
  ForwardingCounters counters = counters_;
  counters.dropped[static_cast<std::size_t>(DropReason::reassembly_timeout)] =
      reassembly_.timed_out();
  return counters;
}

}  // namespace carillon::forwarding
