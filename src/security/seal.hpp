#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace carillon::security {

/// The key that only the operator's peers have: AES-256.
struct OperatorKey {
  std::array<std::uint8_t, 32> octets{};

  [[nodiscard]] static OperatorKey generate(Random& random);
  /// 64 hexadecimal digits, white space around them ignored; else `invalid_argument`.
  [[nodiscard]] static Result<OperatorKey> from_text(std::string_view text);
  /// 64 hexadecimal digits and a newline.
  [[nodiscard]] std::string to_text() const;
};

/// Seals with AES-256-GCM: nonce (12 octets, drawn from `random`, which must be a cryptographic
/// one) || ciphertext || tag (16). `associated` is bound to it, but not in it.
[[nodiscard]] Result<Bytes> seal(const OperatorKey& key, Random& random, ByteView plaintext,
                                 ByteView associated);

/// What `seal` sealed. `corrupt` if key, associated data or a single bit is another.
[[nodiscard]] Result<Bytes> open_sealed(const OperatorKey& key, ByteView sealed,
                                        ByteView associated);

}  // namespace carillon::security
