#pragma once

#include <cstddef>

namespace carillon {

/// Asks the processor to bring memory into its caches, without waiting for it. Never fails: the
/// address may even be no valid one.
inline void prefetch(const void* start, std::size_t octets) {
  constexpr std::size_t cache_line = 64;
  const auto* at = static_cast<const char*>(start);
  for (std::size_t offset = 0; offset < octets; offset += cache_line)
    __builtin_prefetch(at + offset);
}

}  // namespace carillon
