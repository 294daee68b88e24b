#pragma once

#include <compare>
#include <cstdint>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::topology {

/// A place on the ring, or a distance along it: 128 bits, all arithmetic modulo 2^128
/// (RFC 6940, 10.1). Comparison is that of plain integers; what "between" means on a ring is
/// `RingInterval`'s business.
class RingPosition {
 public:
  static constexpr unsigned bits = 128;

  constexpr RingPosition() = default;
  constexpr RingPosition(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}
  explicit constexpr RingPosition(const NodeId& node)
      : high_(node.words()[0]), low_(node.words()[1]) {}
  /// A Resource-ID of CHORD-RELOAD has 16 octets; of a longer one the first 16 count, and a
  /// shorter one is filled up with zeros, so that "0" is a place like any other (7.4.4.2).
  explicit RingPosition(const ResourceId& resource);

  /// 2^exponent; `exponent` below 128.
  [[nodiscard]] static constexpr RingPosition power_of_two(unsigned exponent) {
    return exponent >= 64 ? RingPosition{std::uint64_t{1} << (exponent - 64), 0}
                          : RingPosition{0, std::uint64_t{1} << exponent};
  }

  [[nodiscard]] NodeId node_id() const;
  [[nodiscard]] ResourceId resource_id() const { return ResourceId{node_id()}; }

  /// How far it is from here to `other`, clockwise.
  [[nodiscard]] constexpr RingPosition distance_to(RingPosition other) const {
    return other - *this;
  }
  /// The share of the whole ring that this distance is, 0 to 1.
  [[nodiscard]] double fraction() const;
  [[nodiscard]] constexpr bool is_zero() const { return high_ == 0 && low_ == 0; }

  friend constexpr RingPosition operator+(RingPosition a, RingPosition b) {
    const std::uint64_t low = a.low_ + b.low_;
    return {a.high_ + b.high_ + (low < a.low_ ? 1U : 0U), low};
  }
  friend constexpr RingPosition operator-(RingPosition a, RingPosition b) {
    return {a.high_ - b.high_ - (a.low_ < b.low_ ? 1U : 0U), a.low_ - b.low_};
  }
  /// Divided by 2^count; `count` from 1 to 63.
  friend constexpr RingPosition operator>>(RingPosition a, unsigned count) {
    return {a.high_ >> count, (a.low_ >> count) | (a.high_ << (64 - count))};
  }
  friend constexpr auto operator<=>(const RingPosition&, const RingPosition&) = default;

  /// Even over [0, 2^exponent); `exponent` up to 128.
  [[nodiscard]] static RingPosition random_below_power(unsigned exponent, Random& random);

 private:
  std::uint64_t high_{0};
  std::uint64_t low_{0};
};

inline constexpr RingPosition ring_step{0, 1};

}  // namespace carillon::topology
