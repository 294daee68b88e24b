#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace carillon::config {

/// RFC 3339's date-time in UTC, e.g. "2002-10-10T07:00:00Z"; a fraction of a second may follow the
/// seconds, and "+00:00" stand for Z. Nothing on any other text (11.1: "specified using UTC").
[[nodiscard]] std::optional<WallTime> parse_date_time(std::string_view text);

/// To the second, with Z.
[[nodiscard]] std::string format_date_time(WallTime time);

}  // namespace carillon::config
