#pragma once

#include <string>

#include "base/notice.hpp"

namespace carillon::app {

/// A sink that writes notices of at least `level` (debug, info, warning, error) to stderr, with the
/// time.
[[nodiscard]] NoticeSink make_log(const std::string& level);

}  // namespace carillon::app
