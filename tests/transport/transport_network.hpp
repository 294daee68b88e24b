#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forwarding/network.hpp"
#include "security/signing.hpp"
#include "security/test_overlay.hpp"
#include "transport/message_transport.hpp"
#include "wire/ping.hpp"

namespace carillon::transport {

using forwarding::node_id;
using wire::MessageCode;

/// Where nobody in particular lives.
inline const ResourceId resource{Bytes(16, 0x77)};

/// Says about responders what it is told; by default everybody is plausible.
class FixedResponders final : public ResponderOracle {
 public:
  bool is_plausible_responder(const ResourceId&, const NodeId& node) const override {
    return !implausible.contains(node);
  }
  std::set<NodeId> implausible;
};

/// Keeps the requests; answers them at once if told to.
class Requests final : public RequestHandler {
 public:
  void handle_request(Now now, IncomingRequest request, ResponseToken token) override {
    received.emplace_back(std::move(request), token);
    if (answer_with) transport->respond(now, token, *answer_with);
  }
  void handle_config_mismatch(Now, const ConfigMismatch& mismatch) override {
    mismatches.push_back(mismatch);
  }

  MessageTransport* transport{};
  std::optional<Bytes> answer_with;
  std::vector<std::pair<IncomingRequest, ResponseToken>> received;
  std::vector<ConfigMismatch> mismatches;
};

/// What a request came to.
struct Outcomes {
  std::vector<std::pair<Response, MonotonicTime>> responses;
  std::vector<std::pair<RequestFailure, MonotonicTime>> failures;

  ResponseHandler handler() {
    return [this](Now now, std::expected<Response, RequestFailure> outcome) {
      if (outcome) {
        responses.emplace_back(std::move(*outcome), now.monotonic);
      } else {
        failures.emplace_back(std::move(outcome.error()), now.monotonic);
      }
    };
  }
  [[nodiscard]] std::size_t count() const { return responses.size() + failures.size(); }
};

struct TransportNode {
  TransportNode(forwarding::TestNode& below, security::TestOverlay& overlay,
                TransportOptions options)
      : issued(overlay.node(below.id())),
        credential{issued.certificate,
                   {},
                   below.id(),
                   std::make_shared<security::OpensslSigner>(issued.key)},
        authenticator(overlay.authenticator()),
        transport(options, {below.forwarding, credential, authenticator, responders, requests,
                            below.timers, below.random}) {
    requests.transport = &transport;
  }

  security::Issued issued;
  security::Credential credential;
  security::Authenticator authenticator;
  FixedResponders responders;
  Requests requests;
  MessageTransport transport;
  std::vector<forwarding::LinkEvent> events;
};

/// Nodes with real certificates and signatures, joined in memory.
class TransportNetwork {
 public:
  explicit TransportNetwork(std::size_t size, TransportOptions options = {},
                            forwarding::ForwardingOptions forwarding = {},
                            security::KeyType key_type = security::KeyType::ecdsa)
      : net(size, forwarding), overlay(key_type) {
    net.now.wall = security::test_now;
    options.overlay = forwarding::test_overlay;
    for (std::size_t i = 0; i < size; ++i) {
      nodes.push_back(std::make_unique<TransportNode>(net[i], overlay, options));
    }
    net.upper_layers = [this] { pump(); };
  }

  TransportNode& operator[](std::size_t index) { return *nodes[index]; }
  [[nodiscard]] NodeId id(std::size_t index) const { return net.node_id_of(index); }
  [[nodiscard]] Now now() const { return net.now; }

  /// Node `from` asks; nothing has been delivered yet.
  wire::TransactionId ask(std::size_t from, wire::DestinationList destinations, Outcomes& outcomes,
                          RequestOptions options = {}, MessageCode code = MessageCode::store_req,
                          Bytes body = {1, 2, 3}) {
    return nodes[from]->transport.request(net.now, std::move(destinations), code, std::move(body),
                                          std::move(options), outcomes.handler());
  }
  void run_for(milliseconds time) { net.run_until(net.now.monotonic + time); }

  forwarding::Network net;
  security::TestOverlay overlay;
  std::vector<std::unique_ptr<TransportNode>> nodes;

 private:
  void pump() {
    for (auto& node : nodes) {
      node->transport.pump(net.now);
      while (auto event = node->transport.poll_link_event(net.now)) {
        node->events.push_back(std::move(*event));
      }
      node->transport.pump(net.now);
    }
  }
};

/// A payload as `signer` would have made it.
inline Bytes signed_payload(const security::Credential& signer, wire::TransactionId id,
                            const wire::MessageContents& contents) {
  const Bytes octets = wire::encode(contents);
  const auto block = security::sign_message(signer, forwarding::test_overlay, id, octets).value();
  return wire::join_payload(octets, block);
}

}  // namespace carillon::transport
