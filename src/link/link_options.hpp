#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace carillon::link {

/// The times and limits of one link. The defaults are what ships; simulations vary them.
struct LinkOptions {
  /// Nothing sent for so long: the last acknowledgement is repeated, so that the other side hears
  /// from us.
  milliseconds keepalive_after{1'000};
  /// Nothing received for so long: a probe is wanted, a message that any RELOAD node acknowledges.
  milliseconds probe_after{2'000};
  /// Nothing received for so long: the other side is gone.
  milliseconds silent_after{3'000};
  /// The first two for a link that is not watched (decision 13). There silence counts from the
  /// moment from which the other side owed us an acknowledgement.
  milliseconds idle_keepalive_after{120'000};
  milliseconds idle_probe_after{250'000};
  /// A timer that runs later than this was held up on our side; that time is not counted as the
  /// other side's silence.
  milliseconds stall_tolerance{500};

  /// RFC 6298, 2.1 and 2.4: the timeout before there is a measurement, and the least one.
  milliseconds initial_rto{1'000};
  milliseconds minimum_rto{1'000};
  milliseconds maximum_rto{60'000};
  /// How long a link that does not acknowledge is kept before it counts as failed (6.6.5).
  milliseconds failed_after{30'000};

  /// The largest message in a frame, in octets: the overlay's max-message-size (6.6, 11.1).
  std::size_t max_message_size{5'000};
  /// What may be under way without an acknowledgement; more waits in the queue.
  std::size_t max_unacknowledged_messages{1'024};
  std::size_t max_unacknowledged_octets{std::size_t{1} << 20};
  /// What may wait; more is refused with `busy`.
  std::size_t max_queued_messages{4'096};
  std::size_t max_queued_octets{std::size_t{4} << 20};

  friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

}  // namespace carillon::link
