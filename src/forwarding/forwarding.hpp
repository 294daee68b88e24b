#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/fifo.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "forwarding/drop_reason.hpp"
#include "forwarding/forwarding_options.hpp"
#include "forwarding/incoming.hpp"
#include "forwarding/link_table.hpp"
#include "forwarding/reassembly.hpp"
#include "forwarding/routing_oracle.hpp"

namespace carillon::forwarding {

/// The Forwarding and Link Management Layer (RFC 6940, 1.2.5): takes messages from the links and
/// from above, and sends each a hop further by its Destination List (6.1, 6.2), or hands it up.
///
/// The payload is never decoded or changed on the way. After each call, drain poll_incoming, and
/// links().poll_event and links().poll_action.
class Forwarding {
 public:
  /// The references must outlive this object.
  Forwarding(NodeId self, ForwardingOptions options, RoutingOracle& oracle, TimerQueue& timers,
             Random& random);
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

  /// Connections: opening, accepting, binding, closing.
  [[nodiscard]] LinkTable& links() { return links_; }
  [[nodiscard]] const LinkTable& links() const { return links_; }

  /// What arrived on a link.
  void handle_bytes(Now now, LinkId link, ByteView octets);

  /// Sends a message of our own. The header brings `destination_list`, `transaction_id`,
  /// `configuration_sequence`, `max_response_length` and `options`; the rest is set here.
  /// Returns to whom it went, this node itself included (then it is among the incoming).
  /// `unreachable`: no way there now; `too_large`: over the overlay's max-message-size;
  /// `busy`: the link takes no more now; `invalid_argument`: an empty Destination List.
  [[nodiscard]] Result<NodeId> send(Now now, wire::ForwardingHeader header, ByteView payload);

  /// What was passed on to nodes that are gone, and was not acknowledged, goes another way:
  /// "RELOAD's routing allows peers to reroute messages when a failure is detected" (6). Requests
  /// only: an answer has one way, and MessageTransport repeats our own. Call it when the routing
  /// oracle knows of LinkDown. Whether there were any.
  bool reroute(Now now);

  /// The next message for this node, or one that it must answer with an error.
  [[nodiscard]] std::optional<Incoming> poll_incoming();
  [[nodiscard]] bool has_incoming() const { return !incoming_.empty(); }

  /// After a new configuration document: initial-ttl and max-message-size. Links that are
  /// connected already keep the size they started with.
  void set_limits(std::uint8_t initial_ttl, std::size_t max_message_size);

  [[nodiscard]] const NodeId& self() const { return self_; }
  [[nodiscard]] const ForwardingOptions& options() const { return options_; }
  [[nodiscard]] ForwardingCounters counters() const;

 private:
  /// A message on its way: where it came from, and what is left to route.
  struct Passing {
    std::optional<LinkId> from{};  ///< Nothing: from this node.
    std::optional<NodeId> previous_hop{};
    wire::ForwardingHeader header{};
    ByteView payload{};
  };
  struct Deliver {};
  struct Next {
    LinkId link{};
    NodeId node{};
  };
  using Decision = std::variant<Deliver, Next, DropReason>;

  void handle_message(Now now, LinkId link, ByteView message);
  void handle_oversized(Now now, LinkId link, const link::Link& connection,
                        const std::string& reason);
  void route(Now now, Passing passing);
  [[nodiscard]] std::optional<Passing> taken_back(ByteView message) const;
  [[nodiscard]] bool is_acceptable(const Passing& passing);
  [[nodiscard]] Decision decide(wire::DestinationList& destinations) const;
  [[nodiscard]] Decision decide_opaque(wire::DestinationList& destinations) const;
  [[nodiscard]] Decision decide_node(const wire::Destination& destination,
                                     const NodeId& node) const;
  [[nodiscard]] Decision decide_by_topology(const wire::Destination& destination) const;
  void forward(Now now, Passing passing, const Next& next);
  void deliver(Now now, Passing passing);
  [[nodiscard]] Result<void> transmit(Now now, LinkId link, const wire::ForwardingHeader& header,
                                      ByteView payload);
  void drop(DropReason reason);
  void reject(const Passing& passing, wire::ErrorResponseCode error, std::string detail);
  void enqueue(Incoming incoming);
  [[nodiscard]] wire::Destination via_entry(const Passing& passing) const;
  [[nodiscard]] wire::DestinationList return_path(const Passing& passing) const;
  [[nodiscard]] wire::OpaqueId opaque_id_of(LinkId link) const;
  [[nodiscard]] std::optional<LinkId> link_of(const wire::OpaqueId& opaque) const;

  NodeId self_;
  ForwardingOptions options_;
  RoutingOracle& oracle_;
  std::uint64_t opaque_salt_;
  LinkTable links_;
  Reassembly reassembly_;
  Fifo<Incoming> incoming_;
  ForwardingCounters counters_;
};

}  // namespace carillon::forwarding
