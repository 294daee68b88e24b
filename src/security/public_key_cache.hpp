#pragma once

#include "base/bounded_cache.hpp"
#include "base/hash.hpp"
#include "security/public_key.hpp"

namespace carillon::security {

/// Public keys that were decoded before, by the SHA-256 of their DER form: the certificates of a
/// registrar's users all have the registrar's key.
class PublicKeyCache {
 public:
  static constexpr std::size_t default_capacity = 1'024;

  explicit PublicKeyCache(std::size_t capacity = default_capacity) : keys_(capacity) {}

  /// Decodes unless it is known. Errors as PublicKey::from_der.
  [[nodiscard]] Result<PublicKey> get(ByteView subject_public_key_info) {
    const Sha256Digest digest = sha256(subject_public_key_info);
    if (const PublicKey* known = keys_.get(digest)) return *known;
    auto key = PublicKey::from_der(subject_public_key_info);
    if (key) keys_.put(digest, *key);
    return key;
  }

 private:
  BoundedCache<Sha256Digest, PublicKey, DigestHash> keys_;
};

}  // namespace carillon::security
