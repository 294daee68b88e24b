#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace carillon {

/// The standard alphabet with padding (RFC 4648, 4), without line breaks.
[[nodiscard]] std::string to_base64(ByteView octets);

/// The octets that `text` encodes; white space is skipped, padding is required. `malformed` on
/// any other character (with its offset), a wrong length, or bits left over that are not zero.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

/// The alphabet for URLs and file names (RFC 4648, 5), without padding: it may stand in the user
/// part of a URI.
[[nodiscard]] std::string to_base64url(ByteView octets);
/// Errors as of from_base64.
[[nodiscard]] Result<Bytes> from_base64url(std::string_view text);

}  // namespace carillon
