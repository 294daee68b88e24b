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

}  // namespace carillon
