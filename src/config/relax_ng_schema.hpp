#pragma once

#include <string_view>

namespace carillon::config {

/// The grammar of RFC 6940, 11.1.1, in RELAX NG's XML syntax. overlay.rnc is the same in the
/// RFC's own compact syntax.
[[nodiscard]] std::string_view relax_ng_schema();

}  // namespace carillon::config
