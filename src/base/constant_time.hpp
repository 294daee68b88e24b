#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace carillon {

/// Compares in a time that depends on the lengths only: for what an attacker must not guess octet
/// by octet.
[[nodiscard]] inline bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  unsigned int difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned int>(a[i]) ^ static_cast<unsigned int>(b[i]);
  return difference == 0;
}

}  // namespace carillon
