#pragma once

#include <string_view>

#include "base/random.hpp"
#include "security/seal.hpp"
#include "sip/credential_service.hpp"

// The value of Kind carillon_credential: security/seal.hpp's box around
//
//   credential := version(1)=2 ha1-sha256(32) ha1-md5(16)
//                 ha1-sha256-with-domain(32) ha1-md5-with-domain(16)
//                 ha1-sha512-256(32) ha1-sha512-256-with-domain(32)
//
// Version 1 lacks the last line, and is still read.
//
// The AOR is bound to it as associated data, so that a box moved to another user does not open.
namespace carillon::usage {

inline constexpr std::uint8_t credential_version = 2;

[[nodiscard]] Result<Bytes> seal_credential(const security::OperatorKey& key, Random& random,
                                            std::string_view aor,
                                            const sip::Credential& credential);
/// `corrupt` if the box does not open for this AOR and key, or holds something else.
[[nodiscard]] Result<sip::Credential> open_credential(const security::OperatorKey& key,
                                                      std::string_view aor, ByteView sealed);

}  // namespace carillon::usage
