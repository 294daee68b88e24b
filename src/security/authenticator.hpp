#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bounded_cache.hpp"
#include "security/certificate_bucket.hpp"
#include "security/signature_input.hpp"
#include "security/signer.hpp"
#include "security/trust_cache.hpp"
#include "wire/security_block.hpp"

namespace carillon::security {

/// Who signed something: certificate and signature are verified.
struct SignerInfo {
  std::shared_ptr<const VerifiedChain> chain{};  ///< What to send along with what was signed.
  NodeId node_id{};                              ///< The Node-ID that signed.

  [[nodiscard]] const CertificatePtr& certificate() const { return chain->certificate; }
  [[nodiscard]] const std::string& user() const { return chain->certificate->user_name(); }
};

/// Verifies what others signed. Certificates, chains and the signatures of values that were found
/// good are remembered, within bounds: they come again. Signatures of messages do not.
///
/// Errors: `bad_signature` (nobody known by that SignerIdentity, another algorithm than the
/// signer's key has, or the arithmetic says no), `bad_certificate` (with the reason),
/// `too_large` (too many certificates). In each case the message or value must be dropped (6.3.4).
class Authenticator {
 public:
  static constexpr std::size_t signature_cache_capacity = 16'384;

  Authenticator(TrustAnchors anchors, std::shared_ptr<Verifier> verifier);
  /// With a cache that others of the overlay use, too; the anchors are the cache's.
  Authenticator(std::shared_ptr<TrustCache> trust, std::shared_ptr<Verifier> verifier);

  /// After a new configuration document: what was believed is forgotten, and the cache is this
  /// peer's own from here on.
  void set_anchors(TrustAnchors anchors);
  [[nodiscard]] const TrustAnchors& anchors() const { return trust_->chains.anchors(); }

  /// Reads the certificates of a SecurityBlock, for `verify_message` and, as the same bucket
  /// serves them, each `verify_value` for the values in the message.
  [[nodiscard]] Result<CertificateBucket> read_certificates(const wire::SecurityBlock& block);

  /// The signature of a message (6.3.4). `contents`: the octets as received.
  [[nodiscard]] Result<SignerInfo> verify_message(wire::OverlayHash overlay,
                                                  wire::TransactionId transaction,
                                                  ByteView contents,
                                                  const wire::Signature& signature,
                                                  const CertificateBucket& bucket, WallTime now);

  /// The signature of a value (7.1). Certificates that are not in `bucket` are looked for among
  /// those seen lately.
  [[nodiscard]] Result<SignerInfo> verify_value(const ResourceId& resource, KindId kind,
                                                const wire::StoredData& data,
                                                const CertificateBucket& bucket, WallTime now);

  /// The SecurityBlock of a configuration or kind element (11.1). Whether the signer may sign
  /// those is for the caller to say.
  [[nodiscard]] Result<SignerInfo> verify_document(ByteView blob, const wire::SecurityBlock& block,
                                                   WallTime now);

  /// The certificates that the other end of a link showed, its own first: may it belong to the
  /// overlay, and as which nodes? (6.5.1, 11.3)
  [[nodiscard]] Result<std::shared_ptr<const VerifiedChain>> verify_link(
      std::span<const Bytes> der_chain, WallTime now);

  /// Empties the cache of verified signatures.
  void forget_signatures() { verified_.clear(); }

  [[nodiscard]] CertificateCache& certificates() { return trust_->certificates; }
  [[nodiscard]] ChainVerifier& chains() { return trust_->chains; }

 private:
  enum class Remember : std::uint8_t { no, yes };
  [[nodiscard]] Result<SignerInfo> verify(ByteView input, const wire::Signature& signature,
                                          const CertificateBucket& bucket, WallTime now,
                                          Remember remember);
  [[nodiscard]] std::optional<CertificateBucket::NamedSigner> find_signer(
      const wire::SignerIdentity& identity, const CertificateBucket& bucket);

  struct Nothing {};

  std::shared_ptr<Verifier> verifier_;
  std::shared_ptr<TrustCache> trust_;
  BoundedCache<Sha256Digest, Nothing, DigestHash> verified_;
};

}  // namespace carillon::security
