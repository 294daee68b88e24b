#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/enrollment/multipart_form.hpp"
#include "app/enrollment/refusal.hpp"
#include "security/chain_verifier.hpp"
#include "security/creation.hpp"

// A peer whose certificates near their end gets new ones for the same keys and Node-ID
// (docs/decisions/0021-renewal.md). It shows the one it has, and proves that the key is its own:
//
//   "certificate"    the node's certificate, PEM
//   "registrar-csr"  a request (PKCS#10, DER) for its registrar CA
//   "proof"          base64 of the node key's signature over RenewalProof
//
// A form that is sent again by somebody else gives him certificates for keys that he does not have.
namespace carillon::app {

inline constexpr const char* renewal_path = "/enroll/renewal";

struct RenewalKeys {
  const security::Certificate& node;
  const security::KeyPair& node_key;
  const security::KeyPair& registrar_key;
};
[[nodiscard]] Result<MultipartForm> renewal_form(const RenewalKeys& keys);

struct Renewed {
  security::CertificatePtr node;
  security::CertificatePtr ca;
};
struct RenewalAuthority {
  const security::Issuer& root;
  const security::TrustAnchors& anchors;
  const std::vector<std::string>& domains;
  seconds lifetime;
  Random& random;
};
/// Checks the form and certifies anew. A node that the configuration calls bad gets nothing, nor
/// one whose certificate has ended: it enrolls as a newcomer.
[[nodiscard]] std::expected<Renewed, Refusal> renew(const MultipartForm& form,
                                                    const RenewalAuthority& authority,
                                                    WallTime now);

/// When a certificate is to be renewed: when a quarter of its time is left.
[[nodiscard]] WallTime renewal_due(const security::Certificate& certificate);

}  // namespace carillon::app
