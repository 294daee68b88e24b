#include "security/credential.hpp"

#include "base/hash.hpp"

namespace carillon::security {

wire::SignerIdentity Credential::signer_identity() const {
  constexpr auto hash = wire::HashAlgorithm::sha256;
  if (certificate->node_ids().size() == 1) {
    return {wire::CertHash{hash, to_bytes(certificate->digest())}};
  }
  return {
      wire::CertHashNodeId{hash, to_bytes(sha256(node_id_and_certificate(node_id, *certificate)))}};
}

wire::SignatureAndHashAlgorithm Credential::algorithm() const {
  return signature_algorithm(signer->type());
}

wire::SignatureAndHashAlgorithm signature_algorithm(KeyType type) {
  return {wire::HashAlgorithm::sha256,
          type == KeyType::ecdsa ? wire::SignatureAlgorithm::ecdsa : wire::SignatureAlgorithm::rsa};
}

Bytes node_id_and_certificate(const NodeId& node_id, const Certificate& certificate) {
  Bytes input;
  input.reserve(NodeId::size + certificate.der().size());
  append(input, node_id.bytes());
  append(input, certificate.der());
  return input;
}

}  // namespace carillon::security
