#pragma once

#include <string>
#include <string_view>

#include "security/public_key.hpp"

namespace carillon::security {

/// A private key with its public half. Cheap to copy: copies share the key.
class KeyPair {
 public:
  /// A new key, drawn by OpenSSL: P-256, or RSA with 2048 bits.
  [[nodiscard]] static Result<KeyPair> generate(KeyType type);
  /// An unencrypted PKCS#8 or traditional PEM block. `invalid_argument` if there is none, or if
  /// it is another sort of key.
  [[nodiscard]] static Result<KeyPair> from_pem(std::string_view pem);

  /// Unencrypted PKCS#8.
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] KeyType type() const { return public_key_.type(); }
  [[nodiscard]] evp_pkey_st* native() const { return public_key_.native(); }

 private:
  explicit KeyPair(PublicKey key) : public_key_(std::move(key)) {}

  PublicKey public_key_;  ///< OpenSSL's object bears both halves.
};

}  // namespace carillon::security
