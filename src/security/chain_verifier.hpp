#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/bounded_cache.hpp"
#include "security/certificate.hpp"

namespace carillon::security {

/// How a self-signed certificate's Node-ID comes from its key (RFC 6940, 11.3.1).
enum class SelfSignedDigest : std::uint8_t { sha1, sha256 };

/// What an overlay trusts; comes from its configuration document (11.1).
struct TrustAnchors {
  std::string overlay_name{};                     ///< Every reload URI must name it.
  std::vector<CertificatePtr> roots{};            ///< The root-cert elements.
  std::set<NodeId> bad_nodes{};                   ///< The bad-node elements: revoked.
  std::optional<SelfSignedDigest> self_signed{};  ///< Set if self-signed-permitted is true.
};

/// A certificate that was found to be good, with what lies between it and the root: what others
/// need to be sent so that they come to the same conclusion.
struct VerifiedChain {
  CertificatePtr certificate;
  std::vector<CertificatePtr> intermediates;  ///< From the issuer upwards, without the root.
  WallTime valid_from{};
  WallTime valid_until{};  ///< The last second in which all of the chain is valid.
};

/// Decides whether a node's or user's certificate belongs to the overlay (RFC 6940, 11.3).
///
/// The path up to a root is checked by OpenSSL (RFC 5280): signatures, validity at the time handed
/// in, basic constraints, path length, name constraints, unknown critical extensions. On top come
/// the overlay's own rules: at least one Node-ID and exactly one user name, the overlay's name,
/// no revoked Node-ID, and what DESIGN.md ('Identity') says of an intermediate that bears a
/// reload URI (a registrar's CA): it is held to e-mail domains, and whatever it issues
/// bears the issuer's own Node-ID and no other.
///
/// A registrar's users differ in serial, validity and name only. After the first of them has been
/// through all that, the rest are held to what can differ (signature, validity, e-mail domain,
/// Node-ID), which costs one signature check instead of two and OpenSSL's slow parsing.
class ChainVerifier {
 public:
  static constexpr std::size_t max_chain_length = 4;  ///< Leaf and root included.
  static constexpr std::size_t max_candidates = 64;   ///< Certificates looked at to build a path.
  static constexpr std::size_t cache_capacity = 4'096;
  static constexpr std::size_t sibling_capacity = 1'024;

  explicit ChainVerifier(TrustAnchors anchors, std::size_t capacity = cache_capacity);
  ~ChainVerifier();
  ChainVerifier(ChainVerifier&&) noexcept;
  ChainVerifier& operator=(ChainVerifier&&) noexcept;

  /// Replaces what is trusted, after a new configuration document; forgets what was cached.
  void set_anchors(TrustAnchors anchors);
  [[nodiscard]] const TrustAnchors& anchors() const { return anchors_; }
  /// Empties the cache.
  void forget();

  /// `candidates` may hold the intermediates, in any order, and anything else.
  /// `bad_certificate` with the reason, or the chain. The pointer is never null.
  /// A chain found good is remembered by the digest of its certificate until it expires.
  [[nodiscard]] Result<std::shared_ptr<const VerifiedChain>> verify(
      const CertificatePtr& certificate, std::span<const CertificatePtr> candidates, WallTime now);

 private:
  struct Store;
  /// What was found about the CAs above a certificate, for the next one with the same frame.
  struct Issuers {
    std::vector<CertificatePtr> intermediates;
    WallTime valid_from{WallTime::min()};
    WallTime valid_until{WallTime::max()};
  };

  [[nodiscard]] Result<void> check_identity(const Certificate& certificate) const;
  [[nodiscard]] Result<void> check_self_signed(const Certificate& certificate) const;
  /// The library's full path validation.
  [[nodiscard]] Result<Issuers> build(const CertificatePtr& certificate,
                                      std::span<const CertificatePtr> candidates,
                                      WallTime now) const;
  /// The issuers of an earlier certificate, if they are good for this one, too.
  [[nodiscard]] const Issuers* find_sibling(const Certificate& certificate, WallTime now);

  TrustAnchors anchors_;
  std::unique_ptr<Store> store_;
  BoundedCache<Sha256Digest, std::shared_ptr<const VerifiedChain>, DigestHash> cache_;
  BoundedCache<Sha256Digest, Issuers, DigestHash> siblings_;  ///< By frame digest.
};

}  // namespace carillon::security
