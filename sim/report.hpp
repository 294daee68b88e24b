#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/violations.hpp"

namespace carillon::sim {

/// What a crash of many peers at one instant took with it.
struct CrashToll {
  std::uint64_t peers{};   ///< That crashed.
  std::uint64_t values{};  ///< Acknowledged, and there before.
  std::uint64_t lost{};    ///< No peer that is up holds their newest version any more.
  double chance{};         ///< Expected share of lost ones, were each value's copies (three, or as
                           ///< many as there were) on peers drawn at random.

  [[nodiscard]] double lost_share() const {
    return values == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(values);
  }
};

/// What `--json` prints.
struct Report {
  std::uint64_t seed{};
  std::string scenario{};
  std::size_t peers{};
  std::string signatures{};  ///< "ecdsa", or "free" in an overlay that is too large for real ones.
  double virtual_seconds{};
  double wall_seconds{};           ///< All of it: the ring grows, and is looked at in the end.
  double scenario_wall_seconds{};  ///< Of that, while the scenario was played.
  std::uint64_t events{};
  std::string trace_hash{};
  std::vector<std::string> weather{};  ///< What the seed has added to the settings, "key=value".
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
  CrashToll crash{};                ///< Of mass_crash.
  std::uint64_t hostile_lookups{};  ///< Asked while hostile peers were at work; not in `lookups`.
  std::uint64_t hostile_missing{};  ///< Of those: a value that is there was not found,
  std::uint64_t hostile_stale{};    ///< or an older one,
  std::uint64_t hostile_failed{};   ///< or there was no answer.
  std::vector<Violation> violations{};

  /// One JSON object on one line.
  [[nodiscard]] std::string to_json() const;
  /// For people.
  [[nodiscard]] std::string to_text() const;
};

}  // namespace carillon::sim
