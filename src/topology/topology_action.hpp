#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include <carillon/ids.hpp>

#include "topology/ring_interval.hpp"

// What a Topology Plug-in wants done, or wants known. Queued while it changes state, drained
// by `TopologyPlugin::poll_action`, in order.
namespace carillon::topology {

/// Attach to a node that belongs into the Neighbor Table, source-routed through the peer that told
/// of it, if that one is known (RFC 6940, 10.6). Ask for an Update. Answer with
/// `handle_connected`, or with `handle_attach_failed`.
struct AttachToNeighbor {
  NodeId node{};
  std::optional<NodeId> via{};
};

/// Attach to whoever is responsible for `place`, for the finger of that number (10.5).
/// Answer with `handle_finger_answer`.
struct AttachToFinger {
  unsigned finger{};
  ResourceId place{};
};

/// Ping whoever is responsible for `place`, in search of a better finger (10.7.4.2).
/// Answer with `handle_finger_answer`; what it says whether to Attach to that node.
struct PingForFinger {
  unsigned finger{};
  ResourceId place{};
};

/// A connected node is said to be a peer but has sent no Update: ask for one (10.8).
struct RequestUpdate {
  NodeId node{};
};

/// A connected peer is missing where another one should have named it: it may be gone, and is
/// doubtful from now on. Send it something that it has to acknowledge; then `handle_doubt`.
struct ProbeNode {
  NodeId node{};
};

/// Send an update_req with this body to a connected node (10.7).
struct SendUpdate {
  NodeId node{};
  Bytes body{};
};

/// Responsibility has changed. Nothing: responsible for nothing.
struct RangeChanged {
  std::optional<RingInterval> before{};
  std::optional<RingInterval> after{};
};

/// Which peers hold the replicas of what we are responsible for has changed, and it is time to
/// bring new ones up to date (10.7.3; after a failure only when the hold-down is over).
struct ReplicaSetChanged {
  std::vector<NodeId> before{};
  std::vector<NodeId> after{};
};

/// The Neighbor Table is another.
struct NeighborsChanged {};

/// The AdmittingPeer has named us its predecessor: we are part of the ring (10.5, 7).
struct JoinCompleted {};

/// The last peer is gone. We answer for the whole ring until others are found (10.7.1 says to
/// behave as if joining).
struct OverlayLost {};

using TopologyAction = std::variant<AttachToNeighbor, AttachToFinger, PingForFinger, RequestUpdate,
                                    ProbeNode, SendUpdate, RangeChanged, ReplicaSetChanged,
                                    NeighborsChanged, JoinCompleted, OverlayLost>;

}  // namespace carillon::topology
