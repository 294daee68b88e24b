#pragma once

#include <cstdint>
#include <string_view>

#include "wire/codec.hpp"

namespace carillon::wire {

/// TLS 1.2's registry (RFC 5246, 7.4.1.4.1).
enum class HashAlgorithm : std::uint8_t {
  none = 0,
  md5 = 1,
  sha1 = 2,
  sha224 = 3,
  sha256 = 4,
  sha384 = 5,
  sha512 = 6,
};

enum class SignatureAlgorithm : std::uint8_t { anonymous = 0, rsa = 1, dsa = 2, ecdsa = 3 };

/// The names of RFC 5246; empty for a number that is not assigned.
[[nodiscard]] std::string_view to_string(HashAlgorithm algorithm);
[[nodiscard]] std::string_view to_string(SignatureAlgorithm algorithm);

struct SignatureAndHashAlgorithm {
  HashAlgorithm hash{HashAlgorithm::none};
  SignatureAlgorithm signature{SignatureAlgorithm::anonymous};

  [[nodiscard]] static SignatureAndHashAlgorithm decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const SignatureAndHashAlgorithm&,
                         const SignatureAndHashAlgorithm&) = default;
};

}  // namespace carillon::wire
