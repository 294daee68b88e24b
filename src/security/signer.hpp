#pragma once

#include "security/public_key.hpp"

namespace carillon::security {

/// Signs with one private key. Behind an interface so that a simulation of thousands of nodes may
/// do without the arithmetic; `OpensslSigner` is the one that ships.
class Signer {
 public:
  virtual ~Signer() = default;
  [[nodiscard]] virtual KeyType type() const = 0;
  /// A signature over the SHA-256 of `input`: DER ECDSA-Sig-Value, or RSASSA-PKCS1-v1_5.
  /// `io` if the library fails.
  [[nodiscard]] virtual Result<Bytes> sign(ByteView input) = 0;
};

/// Checks what a Signer made.
class Verifier {
 public:
  virtual ~Verifier() = default;
  [[nodiscard]] virtual bool verify(const PublicKey& key, ByteView input, ByteView signature) = 0;
};

}  // namespace carillon::security
