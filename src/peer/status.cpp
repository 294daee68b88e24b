#include <chrono>

#include "peer/core.hpp"

namespace carillon::peer {

std::string_view to_string(PeerState state) {
  switch (state) {
    case PeerState::idle:
      return "idle";
    case PeerState::joining:
      return "joining";
    case PeerState::joined:
      return "joined";
    case PeerState::draining:
      return "draining";
    case PeerState::left:
      return "left";
  }
  return "unknown";
}

PeerStatus PeerCore::status() const {
  PeerStatus status;
  status.state = state;
  status.node_id = identity.node_id();
  status.overlay = overlay().instance_name;
  status.configuration_sequence = overlay().sequence;
  status.listen = options.listen;
  if (is_member()) {
    status.uptime = std::chrono::duration_cast<seconds>(now.monotonic - joined_at);
    status.predecessors = topology.predecessors();
    status.successors = topology.successors();
    status.fingers = topology.fingers();
    status.estimated_peers = topology.estimated_peers();
  }
  if (const auto range = topology.range()) status.range_fraction = range->fraction();
  const auto& table = forwarding.links();
  for (const NodeId& node : table.connected_nodes()) {
    ConnectedNode connected{node, known_peers.find(node), topology.is_peer(node), {}};
    const auto* link = table.link(*table.find(node));
    if (link != nullptr && link->round_trip().smoothed()) {
      connected.round_trip =
          std::chrono::duration_cast<std::chrono::microseconds>(*link->round_trip().smoothed());
    }
    status.connected.push_back(std::move(connected));
  }
  status.links = table.size();
  status.attaches_under_way = attaching.under_way();
  status.calls_under_way = calls.under_way();
  status.requests_under_way = transport.pending();
  status.timers = timers.size();
  status.clock = clock_watch.status();
  status.replication = replication.status();
  status.calls = calls.counters();
  status.transport = transport.counters();
  status.forwarding = forwarding.counters();
  return status;
}

}  // namespace carillon::peer
