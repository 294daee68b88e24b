#include "sim/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/clock.hpp"

namespace carillon::sim {

std::string Report::to_json() const {
  nlohmann::ordered_json json{{"seed", seed},
                              {"scenario", scenario},
                              {"peers", peers},
                              {"signatures", signatures},
                              {"virtual_seconds", virtual_seconds},
                              {"wall_seconds", wall_seconds},
                              {"scenario_wall_seconds", scenario_wall_seconds},
                              {"events", events},
                              {"trace_hash", trace_hash},
                              {"weather", weather},
                              {"lookups", lookups},
                              {"lookup_success", lookup_success},
                              {"hops_mean", hops_mean},
                              {"hops_p99", hops_p99},
                              {"latency_ms_p50", latency_ms_p50},
                              {"latency_ms_p99", latency_ms_p99},
                              {"acked_values", acked_values},
                              {"lost_values", lost_values},
                              {"stale_reads", stale_reads},
                              {"max_share_over_mean", max_share_over_mean},
                              {"bytes_per_peer", bytes_per_peer},
                              {"messages_per_peer_per_minute", messages_per_peer_per_minute},
                              {"repair_seconds_p99", repair_seconds_p99},
                              {"crashed_peers", crash.peers},
                              {"crash_values", crash.values},
                              {"crash_lost_values", crash.lost},
                              {"crash_lost_share", crash.lost_share()},
                              {"crash_lost_share_by_chance", crash.chance},
                              {"hostile_lookups", hostile_lookups},
                              {"hostile_missing", hostile_missing},
                              {"hostile_stale", hostile_stale},
                              {"hostile_failed", hostile_failed}};
  auto list = nlohmann::ordered_json::array();
  for (const Violation& violation : violations) {
    list.push_back({{"virtual_time", seconds_since_start(violation.at)}, {"what", violation.what}});
  }
  json["violations"] = std::move(list);
  return json.dump();
}

std::string Report::to_text() const {
  std::string text = fmt::format(
      "{}: {} peers, seed {}, {} signatures\n"
      "  {:.0f} s of virtual time in {:.1f} s, {} events, trace {}\n"
      "  lookups   {}, {:.3f} % right; {:.2f} hops, p99 {}; {:.0f} ms, p99 {:.0f} ms\n"
      "  values    {} acknowledged, {} lost, {} stale reads; repaired within {:.1f} s (p99)\n"
      "  a peer    {:.2f} times the mean share at most, {:.0f} kB, {:.0f} messages a minute\n",
      scenario, peers, seed, signatures, virtual_seconds, wall_seconds, events, trace_hash, lookups,
      lookup_success * 100, hops_mean, hops_p99, latency_ms_p50, latency_ms_p99, acked_values,
      lost_values, stale_reads, repair_seconds_p99, max_share_over_mean, bytes_per_peer / 1e3,
      messages_per_peer_per_minute);
  if (crash.values > 0) {
    text += fmt::format(
        "  crash     {} peers took {} of {} values with them: {:.4f} %, by chance {:.4f} %\n",
        crash.peers, crash.lost, crash.values, crash.lost_share() * 100, crash.chance * 100);
  }
  if (hostile_lookups > 0) {
    text += fmt::format(
        "  hostile   {} lookups meanwhile: {} found nothing, {} something old, {} no answer\n",
        hostile_lookups, hostile_missing, hostile_stale, hostile_failed);
  }
  if (!weather.empty()) text += fmt::format("  weather   {}\n", fmt::join(weather, " "));
  for (const Violation& violation : violations) {
    text += fmt::format("  violated at {:.3f} s: {}\n", seconds_since_start(violation.at),
                        violation.what);
  }
  return text;
}

}  // namespace carillon::sim
