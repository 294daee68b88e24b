#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY, kept out of the headers.

namespace carillon::security {

class P256Table;

/// The two sorts of key that may sign (RFC 6940, 6.3.4; DESIGN.md, 'Identity').
enum class KeyType : std::uint8_t { ecdsa /* P-256 */, rsa /* 2048 bits or more */ };

/// A public key that is ready to verify with. Cheap to copy: copies share the key.
class PublicKey {
 public:
  /// From a DER SubjectPublicKeyInfo. `bad_certificate` if it is another sort of key: only
  /// P-256 and RSA of 2048 to 4096 bits are accepted.
  [[nodiscard]] static Result<PublicKey> from_der(ByteView subject_public_key_info);
  /// Takes a reference of its own to `key`.
  [[nodiscard]] static Result<PublicKey> from_native(evp_pkey_st* key);

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] evp_pkey_st* native() const { return key_.get(); }
  /// The DER SubjectPublicKeyInfo.
  [[nodiscard]] Bytes to_der() const;
  /// Counts one more signature to verify. What verifies it faster, once the key has had so many
  /// that making it pays; else null.
  [[nodiscard]] const P256Table* table_for_one_more() const;

 private:
  struct Uses;
  PublicKey(std::shared_ptr<evp_pkey_st> key, KeyType type);

  std::shared_ptr<evp_pkey_st> key_;
  KeyType type_;
  std::shared_ptr<Uses> uses_;
};

}  // namespace carillon::security
