#pragma once

#include <cstddef>

#include "base/time.hpp"
#include "config/config_sequence.hpp"
#include "wire/identifiers.hpp"

namespace carillon::transport {

/// What the overlay says, and the limits of one node. The defaults are what ships.
struct TransportOptions {
  wire::OverlayHash overlay{};
  config::ConfigSequence configuration_sequence{};

  /// 11.1, overlay-reliability-timer: how long each transmission waits for its response (6.2.1).
  milliseconds reliability_timer{3'000};
  unsigned max_sends{5};
  /// When a request for which there was no way is tried again; that counts as no transmission.
  milliseconds unsent_retry{500};
  /// How long a request may live: repetitions within it get the same answer (6.2.1).
  milliseconds request_lifetime{15'000};

  std::size_t max_transactions{16'384};
  /// Answers to requests that change something; a repetition must not change it twice.
  std::size_t max_answers{16'384};
  std::size_t max_answer_octets{std::size_t{16} << 20};
  /// Answers to requests that only read: remembered to save work, so less of them.
  std::size_t max_read_answers{4'096};
  std::size_t max_read_answer_octets{std::size_t{4} << 20};
  /// At most so many error answers go out a second on behalf of what could not be forwarded.
  unsigned max_rejections_per_second{100};
};

}  // namespace carillon::transport
