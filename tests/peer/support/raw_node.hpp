#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "forwarding/forwarding.hpp"
#include "peer/support/network.hpp"
#include "transport/message_transport.hpp"

namespace carillon::peer {

/// A node that is no Peer and may say anything: a client, or an attacker with a certificate.
class RawNode final : public forwarding::RoutingOracle,
                      public transport::ResponderOracle,
                      public transport::RequestHandler {
 public:
  RawNode(Network& network, security::Identity identity)
      : network_(network),
        identity_(std::move(identity)),
        authenticator_(network.document.overlay.anchors(),
                       std::make_shared<security::OpensslVerifier>()),
        forwarding_(identity_.node_id(), forwarding_options(network), *this, timers_, random_),
        transport_(transport_options(network), {forwarding_, identity_.node(), authenticator_,
                                                *this, *this, timers_, random_}) {}

  [[nodiscard]] NodeId id() const { return identity_.node_id(); }
  [[nodiscard]] security::Identity& identity() { return identity_; }

  /// Connects to a host; everything goes through it.
  void connect(Host& host) {
    gateway_ = &host;
    link_ = forwarding_.links().handle_accepted(network_.now(), {"192.0.2.1", 1}).value();
    forwarding_.links().bind(network_.now(), link_, host.id());
    std::vector<Bytes> chain{identity_.node().certificate->der()};
    theirs_ = network_.connect_stranger(host, std::move(chain), [this](const Bytes& octets) {
      forwarding_.handle_bytes(network_.now(), link_, octets);
      pump();
    });
  }
  [[nodiscard]] bool is_cut_off() const {
    return theirs_ == LinkId::none || network_.has_closed(*gateway_, theirs_);
  }

  /// Sends a request and waits for what comes of it.
  template <typename Body>
  std::expected<transport::Response, transport::RequestFailure> ask(
      wire::DestinationList destinations, const Body& body,
      transport::RequestOptions options = {}) {
    return ask(std::move(destinations), Body::code, wire::encode(body), std::move(options));
  }
  std::expected<transport::Response, transport::RequestFailure> ask(
      wire::DestinationList destinations, wire::MessageCode code, Bytes body,
      transport::RequestOptions options = {}) {
    std::optional<std::expected<transport::Response, transport::RequestFailure>> outcome;
    options.responder = transport::ResponderCheck::anybody;
    options.max_sends = 1;
    transport_.request(network_.now(), std::move(destinations), code, std::move(body),
                       std::move(options), [&](Now, auto result) { outcome = std::move(result); });
    pump();
    network_.run_until(
        [&] {
          timers_.run_due(network_.now());
          pump();
          return outcome.has_value();
        },
        seconds{10});
    if (outcome) return std::move(*outcome);
    return std::unexpected(
        transport::RequestFailure{{ErrorCode::request_timeout, "test", "no answer"}, {}, {}});
  }

  std::vector<transport::IncomingRequest> received;

 private:
  static forwarding::ForwardingOptions forwarding_options(const Network& network) {
    forwarding::ForwardingOptions options;
    options.overlay = network.document.configuration.overlay_hash();
    options.link.max_message_size = network.document.configuration.max_message_size;
    return options;
  }
  static transport::TransportOptions transport_options(const Network& network) {
    transport::TransportOptions options;
    options.overlay = network.document.configuration.overlay_hash();
    options.configuration_sequence = network.document.configuration.sequence;
    return options;
  }

  void pump() {
    const Now now = network_.now();
    transport_.pump(now);
    while (transport_.poll_link_event(now)) {
    }
    while (auto action = forwarding_.links().poll_action()) {
      if (auto* send = std::get_if<SendBytes>(&*action)) {
        network_.turn(*gateway_, [&](Peer& peer) {
          if (!is_cut_off()) peer.handle_link_bytes(theirs_, send->octets);
        });
      }
    }
  }

  bool is_responsible(const ResourceId&) const override { return false; }
  bool is_responsible(const NodeId& node) const override { return node == id(); }
  std::optional<NodeId> next_hop(const wire::Destination&) const override {
    return gateway_ == nullptr ? std::nullopt : std::optional{gateway_->id()};
  }
  bool may_route_through(const NodeId&) const override { return true; }
  bool is_plausible_responder(const ResourceId&, const NodeId&) const override { return true; }
  void handle_request(Now now, transport::IncomingRequest request,
                      transport::ResponseToken token) override {
    received.push_back(std::move(request));
    transport_.respond(now, token, Bytes{});
  }
  void handle_config_mismatch(Now, const transport::ConfigMismatch&) override {}

  Network& network_;
  security::Identity identity_;
  SeededRandom random_{99};
  TimerQueue timers_;
  security::Authenticator authenticator_;
  forwarding::Forwarding forwarding_;
  transport::MessageTransport transport_;
  Host* gateway_{nullptr};
  LinkId link_{};
  LinkId theirs_{};
};

}  // namespace carillon::peer
