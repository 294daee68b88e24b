#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

#include "base/time.hpp"
#include "topology/topology_action.hpp"

namespace carillon::topology {

/// Where this peer stands towards the ring.
enum class Phase : std::uint8_t {
  outside,  ///< Not in the ring, and not on the way in.
  joining,  ///< Connecting to the peers that will be neighbors (10.5, 1 to 6).
  joined,   ///< Responsible for a range.
  left,     ///< Has said goodbye; passes on what still comes.
};

/// The overlay algorithm, as a state machine without I/O (RFC 6940, 6.4.1).
///
/// What arrives goes in by the `handle_` methods; afterwards the caller drains `poll_action`.
/// Only nodes that a link leads to take part: the caller reports every link that came up with an
/// authenticated Node-ID, and every loss of a node's last link.
class TopologyPlugin {
 public:
  virtual ~TopologyPlugin() = default;

  // --- What arrives.

  virtual void handle_connected(const NodeId& node, Now now) = 0;
  virtual void handle_disconnected(const NodeId& node, Now now) = 0;
  virtual void handle_attach_failed(const NodeId& node, Now now) = 0;
  /// A node does not acknowledge, or does so again: while another way is as good, take that one.
  virtual void handle_doubt(const NodeId& node, bool doubtful) = 0;
  /// Who answered from the place of an AttachToFinger or PingForFinger; nothing: nobody.
  /// True: the finger is worth an Attach to that node (which is not connected yet).
  virtual bool handle_finger_answer(unsigned finger, std::optional<NodeId> who, Now now) = 0;
  /// An update_req of a connected node, its signature checked. `malformed` if it is.
  [[nodiscard]] virtual Result<void> handle_update(const NodeId& from, ByteView body, Now now) = 0;
  /// The node asked for our whole Routing Table (send_update).
  virtual void handle_update_requested(const NodeId& node, Now now) = 0;
  /// A leave_req of a connected node about itself. `malformed` if its data is.
  [[nodiscard]] virtual Result<void> handle_leave(const NodeId& from,
                                                  ByteView overlay_specific_data, Now now) = 0;

  // --- What the peer decides.

  /// Starts a ring of its own: responsible for everything.
  virtual void start_alone(Now now) = 0;
  /// Is on the way in; `admitting_peer` answered for the place right after ours.
  virtual void start_joining(const NodeId& admitting_peer, Now now) = 0;
  /// Forgets the attempt. A peer that was in the ring before goes on being in it.
  virtual void abandon_joining(Now now) = 0;
  /// True when the AdmittingPeer has sent its Update and every neighbor that it told of is either
  /// connected or has failed: the moment for the Join (10.5, 5).
  [[nodiscard]] virtual bool ready_to_join() const = 0;
  /// A join_req of a connected node about itself: whether it may take over its part of our range;
  /// else why not: `not_found` (we are not responsible for its place), `not_joined`. What we knew
  /// of it as a peer is forgotten: it starts anew.
  [[nodiscard]] virtual Result<void> handle_join(const NodeId& joining, Now now) = 0;
  /// The joining node has its data: it is our predecessor from here on (10.5, 7).
  virtual void admit(const NodeId& joining, Now now) = 0;
  /// Goodbye: responsible for nothing any more. `leave_data` says what to tell whom (10.9).
  virtual void leave(Now now) = 0;
  [[nodiscard]] virtual Bytes leave_data(const NodeId& to) const = 0;
  [[nodiscard]] virtual std::optional<TopologyAction> poll_action() = 0;

  // --- Questions.

  [[nodiscard]] virtual ResourceId hash(ByteView resource_name) const = 0;
  [[nodiscard]] virtual Phase phase() const = 0;
  /// What we are responsible for.
  [[nodiscard]] virtual std::optional<RingInterval> range() const = 0;
  /// What we hold for: our range and those whose replicas we are (10.4).
  [[nodiscard]] virtual std::optional<RingInterval> held_range() const = 0;
  /// What the node would be responsible for if it joined now, of our range.
  [[nodiscard]] virtual RingInterval range_of_joining(const NodeId& joining) const = 0;
  [[nodiscard]] virtual bool is_responsible(const ResourceId& resource) const = 0;
  [[nodiscard]] virtual bool is_responsible(const NodeId& place) const = 0;
  /// The peers that hold, or shall hold, replicas of what we are responsible for: at most two.
  [[nodiscard]] virtual std::vector<NodeId> replica_set() const = 0;
  /// Where to send what is for a place that we are not responsible for (10.3).
  [[nodiscard]] virtual std::optional<NodeId> next_hop(const ResourceId& place) const = 0;
  [[nodiscard]] virtual std::optional<NodeId> next_hop(const NodeId& place) const = 0;
  /// Whether an answer for the place may come from `who` (6.3.4, second check).
  [[nodiscard]] virtual bool is_plausible_responder(const ResourceId& place,
                                                    const NodeId& who) const = 0;
  /// Whether a replica Store may come from `sender` to us (7.4.1.1).
  [[nodiscard]] virtual bool is_plausible_replica_store(const ResourceId& resource,
                                                        const NodeId& sender) const = 0;
  /// The peers whose silence must be noticed at once: those next to us.
  [[nodiscard]] virtual std::vector<NodeId> watched() const = 0;
  /// The peers that the node should be kept connected to.
  [[nodiscard]] virtual bool is_wanted(const NodeId& node) const = 0;
  /// A peer, not merely connected: it has sent an Update, so messages may go through it (6.5.1).
  [[nodiscard]] virtual bool is_peer(const NodeId& node) const = 0;
  /// Since when it has been part of the ring, to the second, as it says itself; nothing: no peer.
  [[nodiscard]] virtual std::optional<MonotonicTime> member_since(const NodeId& node) const = 0;
  [[nodiscard]] virtual std::vector<NodeId> predecessors() const = 0;  ///< Nearest first.
  [[nodiscard]] virtual std::vector<NodeId> successors() const = 0;    ///< Nearest first.
  [[nodiscard]] virtual std::vector<NodeId> fingers() const = 0;       ///< Numerically ascending.
  /// An estimate of how many peers the overlay has.
  [[nodiscard]] virtual double estimated_peers() const = 0;
};

}  // namespace carillon::topology
