#pragma once

#include <cstdint>

#include "peer/timer.hpp"

namespace carillon::peer {

class PeerCore;

/// Forgets stored data: what has expired, and what others hold now (RFC 6940, 10.7.3: when three
/// predecessors stand between us and a resource). A slice at a time.
class Retention {
 public:
  static constexpr milliseconds expiry_interval{30'000};
  static constexpr milliseconds slice_pause{2};
  static constexpr std::size_t slice = 256;

  explicit Retention(PeerCore& core);

  void start();
  void stop();
  void handle_range_changed();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void expire();
  void drop();

  PeerCore& core_;
  Timer expiry_timer_;
  Timer drop_timer_;
  std::uint64_t dropped_{0};
};

}  // namespace carillon::peer
