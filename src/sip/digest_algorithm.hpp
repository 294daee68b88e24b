#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace carillon::sip {

enum class DigestAlgorithm : std::uint8_t { md5, sha256, sha512_256 };

/// "MD5", "SHA-256" or "SHA-512-256" (RFC 8760, 2.1).
[[nodiscard]] std::string_view digest_name(DigestAlgorithm algorithm);

/// The other way round, in any case; nothing for what we do not know. No name means MD5.
[[nodiscard]] std::optional<DigestAlgorithm> digest_algorithm(std::string_view name);

}  // namespace carillon::sip
