#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"

namespace carillon::sim {

/// Counts the links that Fetch requests cross, from what passes by: the header's transaction id is
/// in clear (RFC 6940, 6.3.2), and a message has one on all its way.
class HopMeter {
 public:
  /// Every frame that arrives at a host.
  void handle_arrival(ByteView frame);
  /// A lookup that its own node could answer.
  void count_local() { count(0); }

  [[nodiscard]] double mean() const;
  [[nodiscard]] unsigned percentile(double share) const;
  [[nodiscard]] unsigned highest() const;
  void reset();
  void forget_highest() {
    highest_ = 0;
    under_way_.clear();
  }

 private:
  void count(unsigned hops);

  std::unordered_map<std::uint64_t, unsigned> under_way_;
  std::vector<std::uint64_t> counts_;  ///< By hops.
  std::uint64_t total_{0};
  unsigned highest_{0};
};

}  // namespace carillon::sim
