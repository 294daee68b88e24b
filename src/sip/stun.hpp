#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "sip/address.hpp"

namespace carillon::sip {

/// A datagram of STUN (RFC 8489, 5): its first two bits are zero and it has the magic cookie. The
/// bits alone do not tell: a SIP method may begin with '!' or a digit (RFC 4475, 3.1.1.2).
[[nodiscard]] bool is_stun(ByteView datagram);

/// The answer to a Binding request that a phone sends to keep its NAT open (RFC 5626, 4.4.2): what
/// its address looks like from here, under a FINGERPRINT if the request has one; or that the
/// request asks for something unknown (420). `from` is where it came from, canonical. Nothing for
/// all else: what is malformed, indications, responses, STUN before RFC 5389. It is never more than
/// 28 octets longer than the request, so that nobody is flooded through us.
[[nodiscard]] std::optional<std::string> answer_stun(ByteView request, const HostPort& from);

}  // namespace carillon::sip
