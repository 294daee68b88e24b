#include "sim/rare_options.hpp"

namespace carillon::sim {
namespace {

constexpr double rare_share = 0.5;

/// Now and then: a value between the limits.
template <typename Number>
void shrink(Number& option, std::uint64_t least, std::uint64_t most, Random& random) {
  const std::uint64_t value = least + random.below(most - least + 1);
  if (happens(random, rare_share)) option = Number(static_cast<typename Number::rep>(value));
}

template <typename Number>
  requires std::is_integral_v<Number>
void shrink(Number& option, std::uint64_t least, std::uint64_t most, Random& random) {
  const std::uint64_t value = least + random.below(most - least + 1);
  if (happens(random, rare_share)) option = static_cast<Number>(value);
}

}  // namespace

void make_rare(peer::PeerOptions& options, Random& random) {
  // Queues and tables.
  shrink(options.max_calls, 2, 8, random);
  shrink(options.max_transfers, 4, 8, random);
  shrink(options.transfers_at_once, 1, 2, random);
  shrink(options.transfer_window, 1, 2, random);
  shrink(options.joining_window, 1, 4, random);
  shrink(options.max_attaches, 8, 16, random);
  shrink(options.max_known_peers, 8, 12, random);
  shrink(options.max_unneeded_links, 0, 4, random);
  // Timers.
  shrink(options.hedge_after, 100, 400, random);
  shrink(options.replica_timeout, 300, 1'000, random);
  shrink(options.bootstrap_timeout, 700, 2'000, random);
  shrink(options.join_timeout, 2'000, 10'000, random);
  shrink(options.drain_deadline, 1'000, 5'000, random);
  shrink(options.goodbye_deadline, 100, 500, random);
  shrink(options.comparison_interval, 10'000, 30'000, random);
  shrink(options.drop_delay, 1'000, 5'000, random);
  shrink(options.reconnect_first, 100, 500, random);
  shrink(options.partition_interval, 5'000, 30'000, random);
  shrink(options.chord.replacement_hold_down, 100, 2'000, random);
}

}  // namespace carillon::sim
