#pragma once

#include <string_view>

#include "base/bytes.hpp"

namespace carillon::sip {

/// The 4 or 16 octets of an IP address in text, in network order; none if it is not one.
[[nodiscard]] Bytes ip_octets(std::string_view host);

}  // namespace carillon::sip
