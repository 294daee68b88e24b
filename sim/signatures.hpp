#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/bounded_cache.hpp"
#include "base/hash.hpp"
#include "security/signer.hpp"

namespace carillon::sim {

/// Signatures that cost next to nothing, for overlays of thousands: a keyed checksum over the
/// input, whose key only the signer and this registry know. They would not stop an attacker who
/// computes, but a wrong party's signature, or one over something else, still fails.
class FreeSignatures final : public security::Verifier {
 public:
  /// A signer for the holder of `key`'s private half.
  [[nodiscard]] std::shared_ptr<security::Signer> signer(const security::PublicKey& key);

  [[nodiscard]] bool verify(const security::PublicKey& key, ByteView input,
                            ByteView signature) override;

 private:
  struct Known {
    security::PublicKey key;  ///< Held, so that its address stays its own.
    std::uint64_t secret{};   ///< 0: nobody here can sign with it.
  };

  std::unordered_map<Sha256Digest, std::uint64_t, DigestHash> secrets_;
  std::unordered_map<const void*, Known> known_;  ///< By address: decoding a key is what costs.
};

}  // namespace carillon::sim
