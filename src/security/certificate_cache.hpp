#pragma once

#include <array>

#include "base/bounded_cache.hpp"
#include "security/certificate.hpp"

namespace carillon::security {

/// Certificates that were parsed before, found by the SHA-256 of their DER form. Every message
/// brings the same few again and again: those are found without any digest.
class CertificateCache {
 public:
  static constexpr std::size_t default_capacity = 2'048;

  explicit CertificateCache(std::size_t capacity = default_capacity) : certificates_(capacity) {}

  /// Parses `der` unless it is known. Errors as Certificate::parse.
  [[nodiscard]] Result<CertificatePtr> parse(ByteView der);
  /// Null if it is not (or no longer) known.
  [[nodiscard]] CertificatePtr find(const Sha256Digest& digest);
  /// Remembers one that was parsed or minted elsewhere.
  void add(const CertificatePtr& certificate);

  [[nodiscard]] std::size_t size() const { return certificates_.size(); }

 private:
  static constexpr std::size_t recent_slots = 64;
  /// Where the certificate was put when it last came. Whoever makes others fall into the same
  /// place costs us a digest.
  [[nodiscard]] CertificatePtr& recent(ByteView der);

  PublicKeyCache keys_;
  std::array<CertificatePtr, recent_slots> recent_;
  BoundedCache<Sha256Digest, CertificatePtr, DigestHash> certificates_;
};

}  // namespace carillon::security
