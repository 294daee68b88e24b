#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/ids.hpp>

#include "base/time.hpp"
#include "config/config_sequence.hpp"
#include "forwarding/drop_reason.hpp"
#include "link/address_port.hpp"
#include "transport/transport_counters.hpp"

namespace carillon::peer {

enum class PeerState : std::uint8_t {
  idle,      ///< `join` has not been called.
  joining,   ///< On the way in, or looking for somebody to ask.
  joined,    ///< Part of the ring.
  draining,  ///< `leave` was called: data is being handed on; requests are still answered.
  left,      ///< Done. The object answers nothing any more.
};

[[nodiscard]] std::string_view to_string(PeerState state);

/// A node that a link leads to.
struct ConnectedNode {
  NodeId node{};
  std::optional<link::AddressPort> address{};  ///< Where it listens, as far as it told.
  bool is_peer{};                              ///< It has sent an Update.
  std::optional<std::chrono::microseconds> round_trip{};
};

struct ReplicationStatus {
  std::size_t transfers_running{};
  std::size_t transfers_waiting{};
  std::size_t behind{};               ///< Replicas that are known to have missed something.
  std::uint64_t resources_sent{};     ///< In transfers, since the start.
  std::uint64_t resources_dropped{};  ///< Not ours to hold any more.
  std::uint64_t comparisons{};        ///< Of our copy with a replica's.
  std::uint64_t comparisons_different{};
};

/// Calls of this node, since the start.
struct CallCounters {
  std::uint64_t lookups{};
  std::uint64_t stores{};
  std::uint64_t failed{};
  std::uint64_t retried{};
  std::uint64_t hedged{};
  std::uint64_t values_rejected{};  ///< Found, but with a wrong signature or signer.
};

/// Our wall clock, compared with others' (ClockWatch).
struct ClockStatus {
  std::size_t compared{};  ///< With so many peers; 0: nothing is known.
  milliseconds behind{};   ///< Ours, by the median; negative: it is ahead.
  bool wrong{};            ///< By more than is tolerated.
};

/// What an operator wants to know. A snapshot; cheap but for nothing that grows with the data.
struct PeerStatus {
  PeerState state{};
  NodeId node_id{};
  std::string overlay{};
  config::ConfigSequence configuration_sequence{};
  link::AddressPort listen{};
  seconds uptime{};                    ///< Since it joined.
  std::vector<NodeId> predecessors{};  ///< Nearest first.
  std::vector<NodeId> successors{};
  std::vector<NodeId> fingers{};
  double range_fraction{};   ///< Of the ring, that this peer is responsible for.
  double estimated_peers{};  ///< In the overlay.
  std::vector<ConnectedNode> connected{};
  std::size_t links{};
  std::size_t attaches_under_way{};
  std::size_t calls_under_way{};
  std::size_t requests_under_way{};
  std::size_t timers{};
  ClockStatus clock{};
  ReplicationStatus replication{};
  CallCounters calls{};
  transport::TransportCounters transport{};
  forwarding::ForwardingCounters forwarding{};
};

}  // namespace carillon::peer
