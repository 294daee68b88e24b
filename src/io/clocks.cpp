#include "io/clocks.hpp"

#include <chrono>

namespace carillon::io {

Now read_clocks() {
  using std::chrono::duration_cast;
  const auto monotonic = std::chrono::steady_clock::now().time_since_epoch();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {MonotonicTime{duration_cast<MonotonicTime::duration>(monotonic)},
          WallTime{duration_cast<WallTime::duration>(wall)}};
}

}  // namespace carillon::io
