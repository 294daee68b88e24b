#pragma once

#include <string>
#include <string_view>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

namespace carillon::sip {

/// base64 with '-' and '_' and without padding: these may stand in the user part of a URI.
[[nodiscard]] std::string token_text(ByteView octets);
[[nodiscard]] Result<Bytes> token_octets(std::string_view text);

}  // namespace carillon::sip
