#pragma once

#include "base/time.hpp"

namespace carillon::io {

/// Reads both clocks of this machine: the one place where the program asks what time it is.
[[nodiscard]] Now read_clocks();

}  // namespace carillon::io
