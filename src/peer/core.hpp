#pragma once

#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/timer_queue.hpp"
#include "forwarding/forwarding.hpp"
#include "peer/admission.hpp"
#include "peer/attaching.hpp"
#include "peer/bundle_intake.hpp"
#include "peer/clock_watch.hpp"
#include "peer/completeness.hpp"
#include "peer/completions.hpp"
#include "peer/config_updates.hpp"
#include "peer/group_commit.hpp"
#include "peer/joining.hpp"
#include "peer/known_peers.hpp"
#include "peer/leaving.hpp"
#include "peer/links.hpp"
#include "peer/overlay_calls.hpp"
#include "peer/peer.hpp"
#include "peer/range_digest.hpp"
#include "peer/reconnecting.hpp"
#include "peer/replication.hpp"
#include "peer/requests.hpp"
#include "peer/retention.hpp"
#include "peer/stores.hpp"
#include "peer/stray_intake.hpp"
#include "peer/strays.hpp"
#include "security/authenticator.hpp"
#include "topology/chord.hpp"
#include "transport/message_transport.hpp"

namespace carillon::peer {

/// All parts of a peer, in the order in which they stand upon each other. The parts of peer/ know
/// each other through it; it settles what the layers below have to say to them, and answers what
/// those ask of the topology.
class PeerCore final : public forwarding::RoutingOracle,
                       public transport::ResponderOracle,
                       public transport::RequestHandler {
 public:
  PeerCore(PeerOptions peer_options, Peer::Parts parts);
  ~PeerCore() override;

  [[nodiscard]] Result<void> open(Now at);
  [[nodiscard]] Result<void> renew(security::Identity newer);
  void handle_time(Now at);
  /// Lets the layers speak to each other until all is quiet. Ends every input.
  void settle();
  Result<void> flush();
  void set_state(PeerState next);
  void notice(Severity severity, std::string text) const;
  [[nodiscard]] wire::DataModelOf data_models() const;
  [[nodiscard]] const config::OverlayConfiguration& overlay() const {
    return document.configuration();
  }
  /// Part of the ring: may answer and ask.
  [[nodiscard]] bool is_member() const {
    return state == PeerState::joined || state == PeerState::draining;
  }
  /// The certificates in the form in which they go out.
  [[nodiscard]] security::CertificateBucket bucket_of(const std::vector<Bytes>& certificates);
  [[nodiscard]] PeerStatus status() const;

  // RoutingOracle
  [[nodiscard]] bool is_responsible(const ResourceId& resource) const override;
  [[nodiscard]] bool is_responsible(const NodeId& node) const override;
  [[nodiscard]] std::optional<NodeId> next_hop(const wire::Destination& destination) const override;
  [[nodiscard]] bool may_route_through(const NodeId& node) const override;
  // ResponderOracle
  [[nodiscard]] bool is_plausible_responder(const ResourceId& resource,
                                            const NodeId& node) const override;
  // RequestHandler
  void handle_request(Now at, transport::IncomingRequest request,
                      transport::ResponseToken token) override;
  void handle_config_mismatch(Now at, const transport::ConfigMismatch& mismatch) override;

  const PeerOptions options;
  const NoticeSink notices;
  Now now{};
  PeerState state{PeerState::idle};
  MonotonicTime joined_at{};
  bool ring_changed{false};
  std::move_only_function<void()> ring_change_handler;

  TimerQueue timers;
  Random& random;
  config::ConfigurationDocument document;
  security::Identity identity;
  std::shared_ptr<security::Verifier> verifier;
  security::Authenticator authenticator;
  storage::AccessPolicies policies{storage::AccessPolicies::standard()};
  storage::Storage storage;
  topology::Chord topology;
  forwarding::Forwarding forwarding;
  transport::MessageTransport transport;

  Completions completions;
  GroupCommit commit;
  KnownPeers known_peers;
  Links links;
  Attaching attaching;
  Joining joining;
  Admission admission;
  Leaving leaving;
  Reconnecting reconnecting;
  ClockWatch clock_watch;
  RangeDigester digester;
  Replication replication;
  Completeness completeness;
  Stores stores;
  BundleIntake bundle_intake;
  Retention retention;
  Strays strays;
  StrayIntake stray_intake;
  Requests requests;
  ConfigUpdates config_updates;
  OverlayCalls calls;

 private:
  void perform(topology::TopologyAction action);
  void perform_one(const topology::AttachToNeighbor& action);
  void perform_one(const topology::AttachToFinger& action);
  void perform_one(const topology::PingForFinger& action);
  void perform_one(const topology::RequestUpdate& action);
  void perform_one(const topology::ProbeNode& action);
  void perform_one(const topology::SendUpdate& action);
  void perform_one(const topology::RangeChanged& action);
  void perform_one(const topology::ReplicaSetChanged& action);
  void perform_one(const topology::NeighborsChanged& action);
  void perform_one(const topology::JoinCompleted& action);
  void perform_one(const topology::OverlayLost& action);
  void tell_ring_change();
};

}  // namespace carillon::peer
