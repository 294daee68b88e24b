#pragma once

#include <memory>
#include <vector>

#include "security/certificate.hpp"
#include "security/signer.hpp"
#include "wire/signature.hpp"

namespace carillon::security {

/// What one needs to sign as somebody: a node, or a user at a node.
struct Credential {
  CertificatePtr certificate{};
  std::vector<CertificatePtr> intermediates{};  ///< From the issuer upwards, without the root.
  NodeId node_id{};                             ///< One of the certificate's.
  std::shared_ptr<Signer> signer{};

  /// How a signature of ours names us (RFC 6940, 6.3.4): `cert_hash` for a certificate with one
  /// Node-ID, `cert_hash_node_id` for one with several; by SHA-256.
  [[nodiscard]] wire::SignerIdentity signer_identity() const;
  [[nodiscard]] wire::SignatureAndHashAlgorithm algorithm() const;
};

/// The algorithm that goes with a sort of key: {sha256, ecdsa} or {sha256, rsa}.
[[nodiscard]] wire::SignatureAndHashAlgorithm signature_algorithm(KeyType type);

/// What `cert_hash_node_id` hashes (6.3.4): the Node-ID's bare octets, then the certificate.
[[nodiscard]] Bytes node_id_and_certificate(const NodeId& node_id, const Certificate& certificate);

}  // namespace carillon::security
