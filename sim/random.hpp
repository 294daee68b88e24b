#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/random.hpp"

namespace carillon::sim {

/// SplitMix64 (Steele, Lea, Flood 2014): eight octets of state, so that each of a hundred thousand
/// hosts has one of its own, and what one does never changes what another draws.
class SmallRandom final : public Random {
 public:
  explicit SmallRandom(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] static constexpr std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
  }
  [[nodiscard]] std::uint64_t u64() override { return mix(state_ += 0x9e3779b97f4a7c15U); }

 private:
  std::uint64_t state_;
};

/// Even over (0, 1].
[[nodiscard]] inline double unit(Random& random) {
  return (static_cast<double>(random.u64() >> 11U) + 1.0) * 0x1.0p-53;
}

[[nodiscard]] inline bool happens(Random& random, double probability) {
  return probability > 0 && unit(random) <= probability;
}

[[nodiscard]] inline double exponential(Random& random, double mean) {
  return -mean * std::log(unit(random));
}

/// Pareto of the second kind (Lomax), as measured of file-sharing networks: many short sessions,
/// a few very long ones. `shape` above 1.
[[nodiscard]] inline double pareto(Random& random, double mean, double shape) {
  return mean * (shape - 1) * (std::pow(unit(random), -1 / shape) - 1);
}

[[nodiscard]] inline double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(unit(random)));
  return radius * std::cos(2 * std::numbers::pi * unit(random));
}

}  // namespace carillon::sim
