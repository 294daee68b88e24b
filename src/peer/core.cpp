#include "peer/core.hpp"

#include <utility>

#include "peer/bundle.hpp"
#include "wire/ping.hpp"
#include "wire/route_query.hpp"
#include "wire/update.hpp"

namespace carillon::peer {
namespace {

forwarding::ForwardingOptions forwarding_options(const config::OverlayConfiguration& overlay) {
  forwarding::ForwardingOptions options;
  options.overlay = overlay.overlay_hash();
  options.initial_ttl = overlay.initial_ttl;
  options.link.max_message_size = overlay.max_message_size;
  return options;
}

transport::TransportOptions transport_options(const config::OverlayConfiguration& overlay) {
  transport::TransportOptions options;
  options.overlay = overlay.overlay_hash();
  options.configuration_sequence = overlay.sequence;
  options.reliability_timer = overlay.overlay_reliability_timer;
  return options;
}

topology::ChordOptions chord_options(topology::ChordOptions options,
                                     const config::OverlayConfiguration& overlay) {
  options.update_interval = overlay.chord.update_interval;
  options.ping_interval = overlay.chord.ping_interval;
  options.reactive = overlay.chord.reactive;
  return options;
}

/// As it is shown in a handshake.
std::vector<Bytes> chain_of(const security::Identity& identity) {
  std::vector<Bytes> chain{identity.node().certificate->der()};
  for (const auto& certificate : identity.node().intermediates)
    chain.push_back(certificate->der());
  return chain;
}

}  // namespace

PeerCore::PeerCore(PeerOptions peer_options, Peer::Parts parts)
    : options(std::move(peer_options)),
      notices(std::move(parts.notices)),
      random(parts.random),
      document(std::move(parts.configuration)),
      identity(std::move(parts.identity)),
      verifier(std::move(parts.verifier)),
      authenticator(parts.trust ? std::move(parts.trust)
                                : std::make_shared<security::TrustCache>(overlay().trust_anchors()),
                    verifier),
      storage(parts.backend, storage::KindTable{overlay()}, policies, {}, notices),
      topology(identity.node_id(), chord_options(options.chord, overlay()), timers, random),
      forwarding(identity.node_id(), forwarding_options(overlay()), *this, timers, random),
      transport(transport_options(overlay()),
                {forwarding, identity.node(), authenticator, *this, *this, timers, random}),
      known_peers(options.max_known_peers),
      links(*this),
      attaching(*this),
      joining(*this),
      admission(*this),
      leaving(*this),
      reconnecting(*this),
      clock_watch(*this),
      digester(*this),
      replication(*this),
      completeness(*this),
      stores(*this),
      bundle_intake(*this),
      retention(*this),
      strays(*this),
      stray_intake(*this),
      requests(*this),
      config_updates(*this),
      calls(*this) {}

PeerCore::~PeerCore() = default;

Result<void> PeerCore::open(Now at) {
  now = at;
  if (auto own = authenticator.verify_link(chain_of(identity), at.wall); !own) {
    return std::unexpected(own.error());
  }
  return storage.open();
}

Result<void> PeerCore::renew(security::Identity newer) {
  if (auto good = authenticator.verify_link(chain_of(newer), now.wall); !good) {
    return std::unexpected(good.error());
  }
  return identity.renew(std::move(newer));
}

void PeerCore::handle_time(Now at) {
  now = at;
  timers.run_due(at);
  settle();
}

void PeerCore::settle() {
  for (bool busy = true; busy;) {
    busy = false;
    transport.pump(now);
    while (auto event = transport.poll_link_event(now)) {
      busy = true;
      links.handle_event(*event);
    }
    if (forwarding.reroute(now)) busy = true;
    while (auto action = topology.poll_action()) {
      busy = true;
      perform(std::move(*action));
    }
    joining.step();
  }
  if (std::exchange(ring_changed, false)) tell_ring_change();
}

Result<void> PeerCore::flush() {
  Result<void> last{};
  // What waited may have written again, e.g. the next page of a transfer.
  for (int round = 0; commit.is_needed() && round < 8; ++round) {
    auto result = commit.run([this] { return storage.flush(); });
    if (!result) {
      notice(Severity::error, "storage: " + result.error().message());
      last = std::move(result);
    }
    settle();
  }
  return last;
}

void PeerCore::set_state(PeerState next) {
  if (state == next) return;
  state = next;
  notice(Severity::info, fmt::format("node {}: {}", identity.node_id().to_hex(), to_string(next)));
}

void PeerCore::notice(Severity severity, std::string text) const {
  if (notices) notices({severity, std::move(text)});
}

wire::DataModelOf PeerCore::data_models() const {
  return [this](KindId kind) -> std::optional<wire::DataModel> {
    if (kind == range_digest_kind || kind == stray_kind || kind == bundle_kind) {
      return wire::DataModel::dictionary;
    }
    return overlay().data_model(kind);
  };
}

security::CertificateBucket PeerCore::bucket_of(const std::vector<Bytes>& certificates) {
  security::CertificateBucket bucket;
  for (const Bytes& der : certificates) {
    // They were good when they came; what cannot be read now is left out, and missed over there.
    if (auto certificate = authenticator.certificates().parse(der)) bucket.add(*certificate);
  }
  return bucket;
}

// --- What the layers below ask of the topology.

bool PeerCore::is_responsible(const ResourceId& resource) const {
  return topology.is_responsible(resource);
}

bool PeerCore::is_responsible(const NodeId& node) const {
  return topology.is_responsible(node);
}

std::optional<NodeId> PeerCore::next_hop(const wire::Destination& destination) const {
  const bool has_tables =
      state == PeerState::joined || state == PeerState::draining || state == PeerState::left;
  if (!has_tables) return joining.gateway();
  if (const ResourceId* resource = destination.resource_id()) return topology.next_hop(*resource);
  if (const NodeId* node = destination.node_id()) return topology.next_hop(*node);
  return std::nullopt;
}

bool PeerCore::may_route_through(const NodeId& node) const {
  return topology.is_peer(node) || joining.gateway() == node;
}

bool PeerCore::is_plausible_responder(const ResourceId& resource, const NodeId& node) const {
  return !is_member() || topology.is_plausible_responder(resource, node);
}

void PeerCore::handle_request(Now at, transport::IncomingRequest request,
                              transport::ResponseToken token) {
  requests.handle(at, std::move(request), token);
}

void PeerCore::handle_config_mismatch(Now at, const transport::ConfigMismatch& mismatch) {
  config_updates.handle_mismatch(at, mismatch);
}

// --- What the topology wants done.

void PeerCore::perform(topology::TopologyAction action) {
  std::visit([this](const auto& what) { perform_one(what); }, action);
}

void PeerCore::perform_one(const topology::AttachToNeighbor& action) {
  wire::DestinationList destinations;
  if (action.via && forwarding.links().is_connected(*action.via)) {
    destinations.emplace_back(*action.via);
  }
  destinations.emplace_back(action.node);
  attaching.attach(std::move(destinations), [this, node = action.node](Result<NodeId> result) {
    if (!result) topology.handle_attach_failed(node, now);
  });
}

void PeerCore::perform_one(const topology::AttachToFinger& action) {
  attaching.attach({action.place}, [this, finger = action.finger](Result<NodeId> result) {
    const auto who = result ? std::optional{*result} : std::nullopt;
    (void)topology.handle_finger_answer(finger, who, now);  // It is attached already.
  });
}

void PeerCore::perform_one(const topology::PingForFinger& action) {
  transport.request(
      now, {action.place}, wire::PingReq{}, {},
      [this, finger = action.finger](
          Now at, std::expected<transport::Response, transport::RequestFailure> outcome) {
        const auto who = outcome ? std::optional{outcome->signer.node_id} : std::nullopt;
        if (!topology.handle_finger_answer(finger, who, at)) return;
        attaching.attach({*who}, [](const Result<NodeId>&) {});
      });
}

void PeerCore::perform_one(const topology::RequestUpdate& action) {
  wire::RouteQueryReq query;
  query.send_update = true;
  query.destination = identity.node_id();
  transport.request(
      now, {action.node}, query, {.on_link_down = transport::OnLinkDown::fail},
      [this, node = action.node](
          Now at, const std::expected<transport::Response, transport::RequestFailure>& outcome) {
        if (!outcome) topology.handle_attach_failed(node, at);
      });
}

void PeerCore::perform_one(const topology::ProbeNode& action) {
  links.probe(action.node);
}

void PeerCore::perform_one(const topology::SendUpdate& action) {
  // A lost Update is made good by the next one; whoever does not answer is found out by the link.
  transport.request(
      now, {action.node}, wire::MessageCode::update_req, action.body,
      {.on_link_down = transport::OnLinkDown::fail},
      [](Now, const std::expected<transport::Response, transport::RequestFailure>&) {});
}

void PeerCore::perform_one(const topology::RangeChanged& action) {
  admission.handle_range_changed();
  completeness.handle_ring_changed();
  replication.handle_range_changed(action);
  strays.handle_ring_changed();
  leaving.handle_ring_changed();
}

void PeerCore::perform_one(const topology::ReplicaSetChanged& action) {
  replication.handle_replica_set_changed(action);
  leaving.handle_ring_changed();
}

void PeerCore::perform_one(const topology::NeighborsChanged& /*action*/) {
  ring_changed = true;
  forwarding.links().watch(now, topology.watched());
  completeness.handle_ring_changed();
  replication.handle_neighbors_changed();
  strays.handle_ring_changed();
}

void PeerCore::perform_one(const topology::JoinCompleted& /*action*/) {
  joining.handle_join_completed();
  forwarding.links().watch(now, topology.watched());
}

void PeerCore::perform_one(const topology::OverlayLost& /*action*/) {
  notice(Severity::warning, "no other peer is connected any more; looking for them");
  reconnecting.handle_overlay_lost();
}

void PeerCore::tell_ring_change() {
  completions.add([this] {
    if (ring_change_handler) ring_change_handler();
  });
}

}  // namespace carillon::peer
