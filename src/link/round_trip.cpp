#include "link/round_trip.hpp"

#include <algorithm>
#include <chrono>

namespace carillon::link {

RoundTrip::RoundTrip(const LinkOptions& options)
    : minimum_(options.minimum_rto), maximum_(options.maximum_rto), rto_(options.initial_rto) {}

void RoundTrip::record(Duration sample) {
  if (!smoothed_) {  // RFC 6298, 2.2
    smoothed_ = sample;
    variation_ = sample / 2;
  } else {  // RFC 6298, 2.3: alpha = 1/8, beta = 1/4
    const Duration deviation = std::chrono::abs(*smoothed_ - sample);
    variation_ = (variation_ * 3 + deviation) / 4;
    smoothed_ = (*smoothed_ * 7 + sample) / 8;
  }
  constexpr Duration clock_granularity{1};
  rto_ = std::clamp(*smoothed_ + std::max(clock_granularity, variation_ * 4), minimum_, maximum_);
}

}  // namespace carillon::link
