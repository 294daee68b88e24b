#pragma once

#include <optional>
#include <span>
#include <vector>

#include "security/certificate_cache.hpp"
#include "security/chain_verifier.hpp"
#include "security/credential.hpp"
#include "wire/generic_certificate.hpp"

namespace carillon::security {

/// The "bucket of certificates" of a SecurityBlock (RFC 6940, 6.3.4): everything needed to verify
/// the message and the values in it, each certificate once, no roots.
class CertificateBucket {
 public:
  static constexpr std::size_t max_certificates = 256;

  struct NamedSigner {
    CertificatePtr certificate;
    NodeId node_id;
  };

  /// The certificates of a SecurityBlock that came in. Those that are not X.509, or not parseable,
  /// are left out: whoever is signed by them fails to verify. `too_large` beyond the limit.
  [[nodiscard]] static Result<CertificateBucket> read(
      const std::vector<wire::GenericCertificate>& certificates, CertificateCache& cache);

  void add(const CertificatePtr& certificate);
  void add(const Credential& credential);
  void add(const VerifiedChain& chain);

  /// For a SecurityBlock that goes out.
  [[nodiscard]] std::vector<wire::GenericCertificate> to_wire() const;

  /// Whose certificate `identity` names, by SHA-256 or SHA-1, in either form: `cert_hash` fits a
  /// certificate with one Node-ID, `cert_hash_node_id` any, and tells which Node-ID.
  [[nodiscard]] std::optional<NamedSigner> find(const wire::SignerIdentity& identity) const;

  [[nodiscard]] std::span<const CertificatePtr> certificates() const { return certificates_; }

 private:
  std::vector<CertificatePtr> certificates_;
};

}  // namespace carillon::security
