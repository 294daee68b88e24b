#pragma once

#include <cstdint>
#include <random>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace carillon {

/// A source of randomness that is handed in. What must be unpredictable to others (keys, nonces,
/// Node-IDs) wants a cryptographic one; `io/` implements that, the simulator a seeded one.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t u64() = 0;

  /// Even over [0, bound); `bound` must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
    std::uint64_t value = u64();
    while (value >= limit)
      value = u64();
    return value % bound;
  }

  [[nodiscard]] Bytes bytes(std::size_t count) {
    Bytes out;
    out.reserve(count + 8);
    while (out.size() < count) {
      const std::uint64_t value = u64();
      for (int shift = 0; shift < 64; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift));
      }
    }
    out.resize(count);
    return out;
  }

  /// `mean`, give or take up to a quarter: keeps timers of many peers from falling in step.
  [[nodiscard]] milliseconds jittered(milliseconds mean) {
    const auto spread = static_cast<std::uint64_t>(mean.count() / 2);
    return mean - milliseconds{static_cast<std::int64_t>(spread / 2)} +
           milliseconds{static_cast<std::int64_t>(spread == 0 ? 0 : below(spread))};
  }
};

/// The same numbers for the same seed: for tests and simulations.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  [[nodiscard]] std::uint64_t u64() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace carillon
