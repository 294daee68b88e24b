#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/violations.hpp"

namespace carillon::sim {

/// What `--json` prints.
struct Report {
  std::uint64_t seed{};
  std::string scenario{};
  std::size_t peers{};
  std::string signatures{};  ///< "ecdsa", or "free" in an overlay that is too large for real ones.
  double virtual_seconds{};
  double wall_seconds{};
  std::uint64_t events{};
  std::string trace_hash{};
  std::uint64_t lookups{};
  double lookup_success{};
  double hops_mean{};
  unsigned hops_p99{};
  double latency_ms_p50{};
  double latency_ms_p99{};
  std::uint64_t acked_values{};
  std::uint64_t lost_values{};
  std::uint64_t stale_reads{};
  double max_share_over_mean{};
  double bytes_per_peer{};
  double messages_per_peer_per_minute{};
  double repair_seconds_p99{};
  std::vector<Violation> violations{};

  /// One JSON object on one line.
  [[nodiscard]] std::string to_json() const;
  /// For people.
  [[nodiscard]] std::string to_text() const;
};

}  // namespace carillon::sim
