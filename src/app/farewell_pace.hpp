#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.hpp"

namespace carillon::app {

/// How many phones a peer that leaves sends away at once. They all come to the others, register,
/// and cost each a certificate and a Store; so they go in small batches, unless there are too many
/// for that.
struct FarewellPace {
  /// From one batch to the next.
  static constexpr milliseconds interval{100};
  /// Fewer are not worth waiting for: 100 phones a second.
  static constexpr std::size_t least{10};
  /// All have gone by then; time is left for what they have under way elsewhere.
  static constexpr milliseconds within{8'000};

  /// Of so many, `elapsed` after the first batch.
  [[nodiscard]] static constexpr std::size_t batch(std::size_t left, milliseconds elapsed) {
    if (elapsed >= within) return left;
    const auto batches = static_cast<std::size_t>((within - elapsed) / interval);
    return std::min(left, std::max(least, batches == 0 ? left : (left + batches - 1) / batches));
  }
};

}  // namespace carillon::app
