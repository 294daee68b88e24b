#pragma once

#include <cstdlib>

#include "base/bytes.hpp"

/// Holds whatever was sent: else the fuzzer has found something.
inline void check(bool holds) {
  if (!holds) std::abort();
}
