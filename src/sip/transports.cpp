#include "sip/transports.hpp"

#include <algorithm>

namespace carillon::sip {
namespace {

/// Found by its address when something is to be sent there. Browsers take no connections.
bool is_reusable(Transport transport) {
  return transport == Transport::tcp || transport == Transport::tls;
}

}  // namespace

LocalTransportId Transports::add_local(Transport transport, HostPort advertised) {
  advertised.host = canonical_ip(advertised.host).value_or(advertised.host);
  const LocalTransportId id{static_cast<std::uint32_t>(locals_.size() + 1)};
  locals_.push_back({id, transport, std::move(advertised)});
  return id;
}

const LocalTransport* Transports::local(LocalTransportId id) const {
  const auto index = static_cast<std::size_t>(id);
  return index == 0 || index > locals_.size() ? nullptr : &locals_[index - 1];
}

const LocalTransport* Transports::local_for(Transport transport,
                                            std::string_view remote_host) const {
  const auto found = std::ranges::find_if(locals_, [&](const LocalTransport& local) {
    return local.transport == transport && is_ipv6(local.advertised.host) == is_ipv6(remote_host);
  });
  return found == locals_.end() ? nullptr : &*found;
}

const LocalTransport* Transports::first(Transport transport) const {
  const auto found = std::ranges::find(locals_, transport, &LocalTransport::transport);
  return found == locals_.end() ? nullptr : &*found;
}

bool Transports::is_own(const HostPort& at) const {
  return std::ranges::any_of(locals_, [&](const auto& local) { return local.advertised == at; });
}

bool Transports::is_own_host(std::string_view host) const {
  return std::ranges::any_of(locals_,
                             [&](const auto& local) { return local.advertised.host == host; });
}

std::optional<Hop> Transports::open(Transport transport, std::string peer_id,
                                    const HostPort& address, std::string server_name) {
  if (flows_.size() >= context_.options.limits.flows) return std::nullopt;
  const auto* local = local_for(transport, address.host);
  if (local == nullptr) local = first(transport);
  if (local == nullptr) return std::nullopt;
  const FlowId id{++last_flow_};
  auto& flow =
      flows_.try_emplace(id, transport, local->id, address, peer_id, false, context_.options.limits)
          .first->second;
  flow.server_name = server_name;
  actions_.emplace_back(
      OpenFlow{id, transport, address, std::move(peer_id), std::move(server_name)});
  return hop_of(id, flow);
}

std::optional<Hop> Transports::to_peer(const std::string& peer_id, const HostPort& address) {
  if (const auto known = flows_to_peers_.find(peer_id); known != flows_to_peers_.end()) {
    return on_flow(known->second);
  }
  const auto hop = open(Transport::tls_peer, peer_id, address);
  if (hop) flows_to_peers_.emplace(peer_id, hop->flow);
  return hop;
}

std::optional<Hop> Transports::to_address(Transport transport, const HostPort& address,
                                          const std::string& server_name) {
  if (!is_reusable(transport)) return std::nullopt;
  const auto name = transport == Transport::tls ? server_name : std::string{};
  const AddressKey key{transport, address, name};
  if (const auto known = flows_to_addresses_.find(key); known != flows_to_addresses_.end()) {
    return on_flow(known->second);
  }
  const auto hop = open(transport, {}, address, name);
  if (hop) flows_to_addresses_.emplace(key, hop->flow);
  return hop;
}

std::vector<Transports::AddressKey> Transports::keys_of(const Flow& flow) {
  std::vector<AddressKey> keys{{flow.transport, flow.remote, flow.server_name}};
  if (flow.alias_port == 0) return keys;
  for (const auto& name : flow.identities)
    keys.emplace_back(flow.transport, HostPort{flow.remote.host, flow.alias_port}, name);
  return keys;
}

void Transports::alias(FlowId id, std::uint16_t port) {
  auto* flow = find(id);
  if (flow == nullptr || flow->transport != Transport::tls || flow->identities.empty() ||
      flow->alias_port != 0 || port == 0) {
    return;
  }
  flow->alias_port = port;
  for (auto& key : keys_of(*flow))
    flows_to_addresses_.try_emplace(std::move(key), id);
}

std::optional<Hop> Transports::on_flow(FlowId id) const {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return std::nullopt;
  return hop_of(id, found->second);
}

bool Transports::is_to_server(const Hop& hop) const {
  if (hop.transport != Transport::tls) return false;
  const auto found = flows_.find(hop.flow);
  return found != flows_.end() && !found->second.server_name.empty();
}

std::string Transports::via(const Hop& hop, std::string_view branch) const {
  std::string out = "SIP/2.0/";
  out.append(via_name(hop.transport)).append(" ");
  if (const auto* at = local(hop.local)) out.append(at->advertised.text());
  out.append(";branch=").append(branch).append(";rport");
  // Only what we have opened has a name of the other side (RFC 5923, 8.1).
  if (context_.options.via_alias && is_to_server(hop)) out.append(";alias");
  return out;
}

bool Transports::send(const Hop& hop, std::string octets) {
  if (hop.transport == Transport::udp) {
    if (local(hop.local) == nullptr || hop.remote.port == 0) return false;
    capture_outgoing(hop, octets);
    actions_.emplace_back(SendDatagram{hop.local, hop.remote, std::move(octets)});
    return true;
  }
  auto* flow = find(hop.flow);
  if (flow == nullptr) return false;
  if (flow->open) {
    send_on_flow(hop.flow, *flow, std::move(octets));
    return true;
  }
  if (flow->waiting_bytes + octets.size() > context_.options.limits.flow_queue_bytes) return false;
  flow->waiting_bytes += octets.size();
  flow->waiting.push_back(std::move(octets));
  return true;
}

FlowId Transports::accept(LocalTransportId local_id, const HostPort& remote, std::string peer_id) {
  const auto* at = local(local_id);
  if (at == nullptr || at->transport == Transport::udp) return FlowId::none;
  if (at->transport == Transport::tls_peer && peer_id.empty()) return FlowId::none;
  if (flows_.size() >= context_.options.limits.flows) return FlowId::none;
  const FlowId id{++last_flow_};
  // The connection may carry our requests to that peer as well (RFC 5923): both ends are proved.
  if (!peer_id.empty()) flows_to_peers_.try_emplace(peer_id, id);
  if (is_reusable(at->transport)) {
    flows_to_addresses_.try_emplace(std::tuple{at->transport, remote, std::string{}}, id);
  }
  const bool is_phone = peer_id.empty();
  const auto [flow, made] = flows_.try_emplace(id, at->transport, local_id, remote,
                                               std::move(peer_id), true, context_.options.limits);
  flow->second.is_phone = is_phone;
  if (is_phone) ++phones_;
  return id;
}

void Transports::opened(FlowId id) {
  auto* flow = find(id);
  if (flow == nullptr || flow->open) return;
  flow->open = true;
  flow->waiting_bytes = 0;
  for (auto& octets : flow->waiting)
    send_on_flow(id, *flow, std::move(octets));
  flow->waiting.clear();
}

void Transports::send_on_flow(FlowId id, const Flow& flow, std::string octets) {
  capture_outgoing(hop_of(id, flow), octets);
  actions_.emplace_back(SendOnFlow{id, std::move(octets)});
}

HostPort Transports::local_address(const Hop& hop) const {
  const auto* at = local(hop.local);
  return at == nullptr ? HostPort{} : at->advertised;
}

std::chrono::microseconds Transports::capture_time() {
  const std::chrono::microseconds now = context_.now.wall.time_since_epoch();
  last_capture_ = std::max(now, last_capture_ + std::chrono::microseconds{1});
  return last_capture_;
}

void Transports::capture_incoming(const Hop& hop, ByteView octets) {
  if (!context_.options.capture) return;
  actions_.emplace_back(CaptureMessage{hop.transport, hop.remote, local_address(hop),
                                       capture_time(), std::string{as_text(octets)}});
}

void Transports::capture_outgoing(const Hop& hop, std::string_view octets) {
  // Keepalives and STUN are no messages of SIP.
  if (!context_.options.capture || octets.empty() || octets.front() <= ' ') return;
  actions_.emplace_back(CaptureMessage{hop.transport, local_address(hop), hop.remote,
                                       capture_time(), std::string{octets}});
}

Flow* Transports::find(FlowId id) {
  const auto found = flows_.find(id);
  return found == flows_.end() ? nullptr : &found->second;
}

void Transports::forget(FlowId id, bool tell_driver) {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return;
  const auto& flow = found->second;
  if (const auto peer = flows_to_peers_.find(flow.peer_id);
      peer != flows_to_peers_.end() && peer->second == id) {
    flows_to_peers_.erase(peer);
  }
  for (const auto& key : keys_of(flow)) {
    const auto known = flows_to_addresses_.find(key);
    if (known != flows_to_addresses_.end() && known->second == id) flows_to_addresses_.erase(known);
  }
  if (flow.is_watched) --watched_;
  if (flow.is_phone) --phones_;
  flows_.erase(found);
  if (tell_driver) actions_.emplace_back(CloseFlow{id});
}

void Transports::expect_keepalives(FlowId id, MonotonicTime now) {
  auto* flow = find(id);
  if (flow == nullptr || flow->is_watched) return;
  flow->is_watched = true;
  flow->heard = now;
  ++watched_;
}

std::vector<FlowId> Transports::silent_since(MonotonicTime limit) const {
  std::vector<FlowId> ids;
  for (const auto& [id, flow] : flows_) {
    if (flow.is_watched && flow.heard < limit) ids.push_back(id);
  }
  return ids;
}

std::vector<FlowId> Transports::flow_ids() const {
  std::vector<FlowId> ids;
  ids.reserve(flows_.size());
  for (const auto& [id, flow] : flows_)
    ids.push_back(id);
  return ids;
}

std::vector<FlowId> Transports::phone_flow_ids() const {
  std::vector<FlowId> ids;
  for (const auto& [id, flow] : flows_) {
    if (flow.is_phone) ids.push_back(id);
  }
  return ids;
}

std::optional<SipAction> Transports::poll() {
  if (actions_.empty()) return std::nullopt;
  auto action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

}  // namespace carillon::sip
