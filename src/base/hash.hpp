#pragma once

#include <array>

#include "base/bytes.hpp"

namespace carillon {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;
using Md5Digest = std::array<std::uint8_t, 16>;

[[nodiscard]] Sha1Digest sha1(ByteView octets);
[[nodiscard]] Sha256Digest sha256(ByteView octets);
/// For SIP digest authentication only (RFC 7616).
[[nodiscard]] Md5Digest md5(ByteView octets);
[[nodiscard]] Sha256Digest hmac_sha256(ByteView key, ByteView octets);

}  // namespace carillon
