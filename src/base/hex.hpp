#pragma once

#include <string>
#include <string_view>

#include <carillon/ids.hpp>

namespace carillon {

/// Lower-case hexadecimal, two digits an octet.
[[nodiscard]] std::string to_hex(ByteView octets);

/// The octets that `digits` spells; white space is skipped. `malformed` on any other character
/// (with its offset) or on an odd number of digits.
[[nodiscard]] Result<Bytes> from_hex(std::string_view digits);

}  // namespace carillon
