#include "app/status_json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace carillon::app {
namespace {

using Json = nlohmann::ordered_json;

Json hex_list(const std::vector<NodeId>& nodes) {
  Json list = Json::array();
  for (const auto& node : nodes)
    list.push_back(node.to_hex());
  return list;
}

Json links_json(const peer::PeerStatus& status) {
  Json connected = Json::array();
  for (const auto& node : status.connected) {
    Json one{{"node_id", node.node.to_hex()}, {"peer", node.is_peer}};
    if (node.address) one["address"] = node.address->to_string();
    if (node.round_trip) one["round_trip_ms"] = node.round_trip->count();
    connected.push_back(std::move(one));
  }
  return {{"open", status.links},
          {"attaches_under_way", status.attaches_under_way},
          {"connected", std::move(connected)}};
}

Json phones_json(const sip::SipGauges& gauges, const sip::SipCounters& counters) {
  std::uint64_t requests = 0;
  for (const auto count : counters.requests_in)
    requests += count;
  return {{"bindings", gauges.bindings},
          {"aors", gauges.aors},
          {"flows", gauges.flows},
          {"transactions", gauges.server_transactions + gauges.client_transactions},
          {"requests", requests},
          {"refreshes", counters.refreshes},
          {"publishes", counters.publishes},
          {"lookups", counters.lookups},
          {"malformed", counters.malformed},
          {"overloaded", counters.overloaded}};
}

Json trunks_json(const std::vector<sip::TrunkStatus>& trunks) {
  Json list = Json::array();
  for (const auto& trunk : trunks) {
    Json one{{"uri", trunk.uri}, {"as", trunk.aor}, {"registered_s", trunk.ends_in.count()}};
    if (!trunk.trouble.empty()) one["trouble"] = trunk.trouble;
    list.push_back(std::move(one));
  }
  return list;
}

Json calls_json(const peer::PeerStatus& status) {
  return {{"under_way", status.calls_under_way},
          {"lookups", status.calls.lookups},
          {"stores", status.calls.stores},
          {"failed", status.calls.failed},
          {"retried", status.calls.retried},
          {"hedged", status.calls.hedged},
          {"rejected_values", status.calls.values_rejected}};
}

Json messages_json(const peer::PeerStatus& status) {
  const auto& transport = status.transport;
  return {{"requests_sent", transport.requests_sent},
          {"requests_received", transport.requests_received},
          {"retransmissions", transport.retransmissions},
          {"timeouts", transport.timeouts},
          {"errors_sent", transport.errors_sent},
          {"malformed", transport.malformed},
          {"not_authentic", transport.not_authentic},
          {"forwarded", status.forwarding.forwarded},
          {"rerouted", status.forwarding.rerouted},
          {"delivered", status.forwarding.delivered}};
}

std::int64_t seconds_until(WallTime end, Node& node) {
  return std::chrono::floor<seconds>(end - node.wall_time()).count();
}

Json clock_json(const peer::ClockStatus& clock) {
  const auto behind = std::chrono::duration<double>(clock.behind).count();
  return {{"wrong", clock.wrong}, {"behind_s", behind}, {"compared_with", clock.compared}};
}

Json replication_json(const peer::ReplicationStatus& replication) {
  return {{"transfers_running", replication.transfers_running},
          {"transfers_waiting", replication.transfers_waiting},
          {"behind", replication.behind},
          {"resources_sent", replication.resources_sent},
          {"resources_dropped", replication.resources_dropped}};
}

}  // namespace

Json status_json(Node& node) {
  const auto status = node.peer().status();
  return {{"node_id", status.node_id.to_hex()},
          {"state", std::string(to_string(status.state))},
          {"overlay", status.overlay},
          {"configuration_sequence", static_cast<unsigned>(status.configuration_sequence)},
          {"domains", node.domains()},
          {"reload", node.reload_address()},
          {"sip", node.sip_addresses()},
          {"sip_peer", node.sip_peer_address()},
          {"uptime_s", status.uptime.count()},
          {"predecessors", hex_list(status.predecessors)},
          {"successors", hex_list(status.successors)},
          {"fingers", hex_list(status.fingers)},
          {"range_fraction", status.range_fraction},
          {"estimated_peers", status.estimated_peers},
          {"links", links_json(status)},
          {"clock", clock_json(status.clock)},
          {"certificate", {{"ends_in_s", seconds_until(node.certificate().not_after(), node)}}},
          {"phones", phones_json(node.sip().gauges(), node.sip().counters())},
          {"trunks", trunks_json(node.sip().trunk_status())},
          {"calls", calls_json(status)},
          {"messages", messages_json(status)},
          {"replication", replication_json(status.replication)}};
}

NodeId responsible_node(const peer::PeerStatus& status, const ResourceId& resource) {
  std::vector<NodeId> nodes{status.node_id};
  for (const auto* known : {&status.predecessors, &status.successors, &status.fingers}) {
    nodes.insert(nodes.end(), known->begin(), known->end());
  }
  std::ranges::sort(nodes);
  const auto place = std::ranges::find_if(nodes, [&resource](const NodeId& node) {
    return std::ranges::lexicographical_compare(resource.bytes(), node.bytes()) ||
           std::ranges::equal(resource.bytes(), node.bytes());
  });
  return place == nodes.end() ? nodes.front() : *place;
}

}  // namespace carillon::app
