#pragma once

#include "base/bytes.hpp"

namespace carillon {

/// Well-formed UTF-8 (RFC 3629, 4): no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(ByteView octets);

}  // namespace carillon
