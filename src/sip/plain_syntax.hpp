#pragma once

#include <optional>
#include <string_view>

#include "sip/address.hpp"
#include "sip/params.hpp"

namespace carillon::sip {

// What URIs and Vias mostly consist of, without quotes, escapes and white space. It is taken apart
// here as libosip2 would do it, at a fraction of the cost; what looks otherwise is left to it.

/// A token without "%", which may start an escape.
[[nodiscard]] bool is_plain_word(std::string_view text);

/// "host" or "host:port", where the host is a name or an IPv4 address: in lower case. Port 0: not
/// given.
[[nodiscard]] std::optional<HostPort> plain_host_port(std::string_view text);

/// Any number of ";name" and ";name=value".
[[nodiscard]] std::optional<Params> plain_params(std::string_view text);

}  // namespace carillon::sip
