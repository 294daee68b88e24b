#pragma once

#include <string>
#include <string_view>

namespace carillon {

/// `text` as content of an XML element, or as an attribute's value in double quotes. Control
/// characters that XML has no place for become spaces.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace carillon
