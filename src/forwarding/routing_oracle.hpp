#pragma once

#include <optional>

#include "wire/destination.hpp"

namespace carillon::forwarding {

/// What forwarding asks of the topology (RFC 6940, 6.1 and 10.3). Answers describe the present
/// moment; nothing is remembered between two questions, and answering must change nothing.
class RoutingOracle {
 public:
  virtual ~RoutingOracle() = default;

  /// Is this node responsible for the place? A node that has not joined, and a client, never is.
  [[nodiscard]] virtual bool is_responsible(const ResourceId& resource) const = 0;
  /// The same for the place at which a node would stand.
  [[nodiscard]] virtual bool is_responsible(const NodeId& node) const = 0;

  /// The connected peer to which a message for `destination` goes next; asked only for places that
  /// this node is not responsible for, and that are not a directly connected node's Node-ID.
  /// Nothing: there is no way.
  [[nodiscard]] virtual std::optional<NodeId> next_hop(
      const wire::Destination& destination) const = 0;

  /// May messages for others be sent through this node? Not before its first Update (6.5.1), except
  /// by a joining node through its bootstrap or admitting peer.
  [[nodiscard]] virtual bool may_route_through(const NodeId& node) const = 0;
};

}  // namespace carillon::forwarding
