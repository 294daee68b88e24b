#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace carillon::io {

/// How long a DNS answer may be kept: the least time to live of its records, or if it has none what
/// the zone says of that (RFC 1035, 4.1; RFC 2308, 5). 0 if it says nothing or cannot be read.
[[nodiscard]] seconds dns_ttl(ByteView answer);

}  // namespace carillon::io
