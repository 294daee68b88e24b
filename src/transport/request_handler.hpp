#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "config/config_sequence.hpp"
#include "security/authenticator.hpp"
#include "wire/destination.hpp"
#include "wire/identifiers.hpp"
#include "wire/message_contents.hpp"

namespace carillon::transport {

/// Stands for a request that waits for its answer. An answer to a token that is answered, or older
/// than the lifetime of a request, is ignored.
enum class ResponseToken : std::uint64_t { none = 0 };

/// A request that was verified: overlay, configuration sequence, signature, certificate.
struct IncomingRequest {
  wire::MessageContents contents{};
  security::SignerInfo signer{};
  /// What came with it, to verify the values in it.
  security::CertificateBucket certificates{};
  /// What made it ours: this node's Node-ID, the wildcard, or a Resource-ID of our range.
  wire::Destination destination{};
  wire::TransactionId transaction_id{};
  /// From whom it came to us; equal to signer.node_id if directly from the requesting node.
  std::optional<NodeId> previous_hop{};
  std::uint8_t ttl{};  ///< As received.
};

/// A node whose configuration document has another sequence number than ours (6.3.2.1).
struct ConfigMismatch {
  NodeId node{};
  /// Theirs is older: send them a ConfigUpdate. Else: ours is, and they will send one.
  bool theirs_is_older{};
};

/// What the layers above do with requests. Called from MessageTransport::pump only.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// Must lead, now or later, to one respond or respond_error with the token. Not called for
  /// repetitions, nor for message codes that nobody has assigned.
  virtual void handle_request(Now now, IncomingRequest request, ResponseToken token) = 0;
  /// May come with every request of such a node.
  virtual void handle_config_mismatch(Now now, const ConfigMismatch& mismatch) = 0;
};

/// What transport asks of the topology for check 2 on responses (6.3.4).
class ResponderOracle {
 public:
  virtual ~ResponderOracle() = default;
  /// Is `node` at least as close to `resource` as each node of our Neighbor Table? Always true
  /// for a node that has no Neighbor Table (a client, or before it has joined).
  [[nodiscard]] virtual bool is_plausible_responder(const ResourceId& resource,
                                                    const NodeId& node) const = 0;
};

}  // namespace carillon::transport
