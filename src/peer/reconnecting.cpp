#include "peer/reconnecting.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "peer/core.hpp"
#include "wire/ping.hpp"

namespace carillon::peer {

Reconnecting::Reconnecting(PeerCore& core) : core_(core), partition_timer_(core.timers) {}

void Reconnecting::start() {
  running_ = true;
  set_partition_timer();
}

void Reconnecting::stop() {
  running_ = false;
  lost_.clear();
  partition_timer_.cancel();
}

void Reconnecting::handle_link_up(const NodeId& node) {
  lost_.erase(node);
}

void Reconnecting::handle_link_down(const NodeId& node, bool was_neighbor) {
  if (!running_ || !was_neighbor || lost_.size() >= max_lost) return;
  if (!core_.known_peers.find(node)) return;
  auto [entry, is_new] = lost_.try_emplace(node, std::make_unique<Lost>(core_.timers));
  schedule(node, *entry->second);
}

void Reconnecting::schedule(const NodeId& node, Lost& lost) {
  const milliseconds wait =
      std::min(core_.options.reconnect_first * (1 << std::min(lost.attempts, 10U)),
               core_.options.reconnect_longest);
  lost.timer.set(core_.now.monotonic + core_.random.jittered(wait),
                 [this, node](Now) { try_again(node); });
}

void Reconnecting::try_again(const NodeId& node) {
  const auto found = lost_.find(node);
  if (found == lost_.end()) return;
  const auto address = core_.known_peers.find(node);
  if (!address || core_.forwarding.links().is_connected(node) ||
      ++found->second->attempts > core_.options.reconnect_attempts) {
    lost_.erase(found);
    return;
  }
  core_.links.open(*address, node, [this, node](const Result<NodeId>& result) {
    const auto lost = lost_.find(node);
    if (result || lost == lost_.end()) return;
    schedule(node, *lost->second);
  });
}

void Reconnecting::handle_overlay_lost() {
  if (running_) set_partition_timer();
}

void Reconnecting::set_partition_timer() {
  const bool lonely = !core_.topology.table().has_peers();
  const milliseconds interval = lonely ? std::min(lonely_interval, core_.options.partition_interval)
                                       : core_.options.partition_interval;
  partition_timer_.set(core_.now.monotonic + core_.random.jittered(interval), [this](Now) {
    look_for_partition();
    set_partition_timer();
  });
}

void Reconnecting::look_for_partition() {
  std::vector<link::AddressPort> addresses = core_.options.bootstrap;
  for (const auto& node : core_.overlay().bootstrap_nodes)
    addresses.push_back({node.address, node.port});
  for (const auto& address : core_.options.remembered)
    addresses.push_back(address);
  std::set<link::AddressPort> connected{core_.options.listen};
  for (const auto& peer : core_.known_peers.list()) {
    addresses.push_back(peer.address);
    if (core_.forwarding.links().is_connected(peer.node)) connected.insert(peer.address);
  }
  // One a time, each in its turn; whoever is connected is on our side of any partition.
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto& address = addresses[next_address_++ % addresses.size()];
    if (connected.contains(address)) continue;
    core_.links.open(address, std::nullopt, [this](const Result<NodeId>& result) {
      if (result && running_) handle_bootstrap_found(*result);
    });
    return;
  }
}

void Reconnecting::handle_bootstrap_found(const NodeId& node) {
  // Through that node, who stands where our successor should (10.7.4.4)? Asked for as a place:
  // a Node-ID within somebody's range would be dropped.
  const topology::RingPosition own{core_.identity.node_id()};
  const ResourceId place = (own + topology::ring_step).resource_id();
  core_.transport.request(
      core_.now, {node, place}, wire::PingReq{},
      {.responder = transport::ResponderCheck::anybody, .max_sends = 2},
      [this, node, place](Now,
                          std::expected<transport::Response, transport::RequestFailure> outcome) {
        if (!outcome || !running_) return;
        const NodeId found = outcome->signer.node_id;
        const auto successors = core_.topology.successors();
        const bool same_ring = !successors.empty() && successors.front() == found;
        if (same_ring || found == core_.identity.node_id()) return;
        core_.notice(Severity::warning, "the overlay is partitioned: " + found.to_hex() +
                                            " stands where our successor should; attaching");
        core_.attaching.attach({node, place}, [](const Result<NodeId>&) {});
      });
}

}  // namespace carillon::peer
