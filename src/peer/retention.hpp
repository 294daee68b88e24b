#pragma once

#include <cstddef>

#include "peer/timer.hpp"

namespace carillon::peer {

class PeerCore;

/// Forgets what has expired, a slice at a time.
class Retention {
 public:
  static constexpr milliseconds expiry_interval{30'000};
  static constexpr milliseconds slice_pause{2};
  static constexpr std::size_t slice = 256;

  explicit Retention(PeerCore& core);

  void start();
  void stop();

 private:
  void expire();

  PeerCore& core_;
  Timer expiry_timer_;
};

}  // namespace carillon::peer
