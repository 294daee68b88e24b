#pragma once

#include "base/bytes.hpp"
#include "sip/dns_service.hpp"

namespace carillon::io {

/// The records of one type in a whole DNS answer (RFC 1035, 4.1), aliases followed, and for how
/// long they are good. Empty for what cannot be read.
[[nodiscard]] sip::DnsAnswer read_dns_answer(ByteView answer, sip::DnsType type);

}  // namespace carillon::io
