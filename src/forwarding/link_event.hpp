#pragma once

#include <optional>
#include <string>
#include <variant>

#include "forwarding/link_action.hpp"

namespace carillon::forwarding {

/// A node has come into the Connection Table.
struct LinkUp {
  LinkId link{};
  NodeId node{};
  /// It was there already, over an older connection that this one replaces: perhaps it restarted.
  bool replaced{};
};

/// A node has left the Connection Table.
struct LinkDown {
  LinkId link{};
  NodeId node{};
  std::string reason{};
};

/// A connection that we opened or accepted ended before it was bound to a node.
struct LinkFailed {
  LinkId link{};
  AddressPort address{};
  std::optional<NodeId> expected{};
  std::string reason{};
};

/// Nothing was heard from the node for a while: send it a Ping, which it has to acknowledge.
struct ProbeWanted {
  LinkId link{};
  NodeId node{};
};

/// The node does not acknowledge within the RTO: better not route through it (6.6.5).
struct LinkDoubtful {
  LinkId link{};
  NodeId node{};
};

/// It acknowledges again.
struct LinkRestored {
  LinkId link{};
  NodeId node{};
};

using LinkEvent =
    std::variant<LinkUp, LinkDown, LinkFailed, ProbeWanted, LinkDoubtful, LinkRestored>;

}  // namespace carillon::forwarding
