#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sip/target.hpp"

namespace carillon::sip {

/// The Contact values of a 302 that leads to `targets`, all of their alternates included. A Path
/// stands in the contact's URI as a Route header (RFC 3261, 19.1.1): whoever follows the redirect
/// puts it into the request. Nothing if a target hangs on a flow, which nobody else can use.
[[nodiscard]] std::vector<std::string> redirect_contacts(const std::deque<Target>& targets);

}  // namespace carillon::sip
