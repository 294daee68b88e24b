#pragma once

#include <array>
#include <memory>

#include <openssl/types.h>

#include "base/bytes.hpp"

namespace carillon {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;
using Md5Digest = std::array<std::uint8_t, 16>;

[[nodiscard]] Sha1Digest sha1(ByteView octets);
[[nodiscard]] Sha256Digest sha256(ByteView octets);
/// SHA-512/256 (FIPS 180-4, 5.3.6.2).
[[nodiscard]] Sha256Digest sha512_256(ByteView octets);
/// For SIP digest authentication only (RFC 7616).
[[nodiscard]] Md5Digest md5(ByteView octets);

/// HMAC with SHA-256 (RFC 2104) under one key, which is prepared once: what is keyed anew at every
/// use costs four times as much.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);

  [[nodiscard]] Sha256Digest operator()(ByteView octets) const;

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const;
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

}  // namespace carillon
