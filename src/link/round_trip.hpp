#pragma once

#include <optional>

#include "base/time.hpp"
#include "link/link_options.hpp"

namespace carillon::link {

/// The round-trip time of a link and the timeout that follows from it (RFC 6298, section 2).
class RoundTrip {
 public:
  using Duration = MonotonicClock::duration;

  explicit RoundTrip(const LinkOptions& options);

  void record(Duration sample);
  /// Smoothed; nothing before the first sample.
  [[nodiscard]] std::optional<Duration> smoothed() const { return smoothed_; }
  [[nodiscard]] Duration rto() const { return rto_; }

 private:
  Duration minimum_;
  Duration maximum_;
  std::optional<Duration> smoothed_;
  Duration variation_{};
  Duration rto_;
};

}  // namespace carillon::link
