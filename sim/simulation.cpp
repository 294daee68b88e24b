#include "sim/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/openssl_random.hpp"
#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

using Duration = MonotonicClock::duration;

/// The memory that the program has: with nothing but the peers growing, what a peer takes, and what
/// the simulation keeps for it.
std::size_t resident() {
  std::size_t pages = 0;
  std::ifstream{"/proc/self/statm"}.ignore(64, ' ') >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at =
      static_cast<std::size_t>(std::llround(share * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

std::uint64_t seeded(std::uint64_t seed) {
  seed_openssl(seed);
  return seed;
}

}  // namespace

Simulation::Simulation(Order order, const Settings& settings)
    : order_(std::move(order)),
      settings_(settings),
      trace_(order_.tells),
      world_(settings, seeded(SmallRandom::mix(order_.seed)), order_.peers, trace_, ledger_),
      workload_(world_, ledger_, violations_),
      faults_(world_),
      checkers_(all_checkers()) {
  world_.observe(*this);
}

Report Simulation::run() {
  using Wall = std::chrono::steady_clock;
  using WallSeconds = std::chrono::duration<double>;
  const auto started = Wall::now();
  const Scenario& scenario = *find_scenario(order_.scenario);
  resident_at_start_ = resident();
  build_ring();
  workload_.store_all();
  settle();
  workload_.start_measuring();
  network_before_ = world_.network().counters();
  peer_seconds_ = 0;
  workload_.start();
  faults_.start();
  tell("all is quiet; now: " + std::string{scenario.meaning});
  const auto curtain = Wall::now();
  scenario.play(*this);
  const WallSeconds played = Wall::now() - curtain;
  workload_.stop();
  faults_.stop();
  settle();
  workload_.look_for_all(2);
  for (const auto& checker : checkers_)
    checker->look_at_the_end(*this);
  Report result = report();
  result.wall_seconds = WallSeconds{Wall::now() - started}.count();
  result.scenario_wall_seconds = played.count();
  return result;
}

void Simulation::build_ring() {
  const auto share = settings_["joins_at_once"];
  while (world_.ring().size() < order_.peers) {
    const double at_once = share * static_cast<double>(world_.ring().size());
    const std::size_t before = world_.ring().size();
    const auto limit = static_cast<std::size_t>(std::max(1.0, at_once));
    const bool grown = grow_to(std::min(order_.peers, before + limit), limit, seconds{120});
    if (!grown && world_.ring().size() == before) {
      violation("build", "no peer could join within two minutes");
      return;
    }
  }
}

bool Simulation::grow_to(std::size_t peers, std::size_t at_once, Duration limit) {
  const MonotonicTime end = world_.now() + limit;
  while (world_.ring().size() < peers && world_.now() < end) {
    while (world_.in_transit() < at_once && world_.ring().size() + world_.in_transit() < peers)
      world_.start(world_.add_host());
    world_.run_for(milliseconds{20});
  }
  return world_.ring().size() >= peers;
}

void Simulation::run_for(Duration how_long) {
  const MonotonicTime end = world_.now() + how_long;
  double every_s = settings_["check_every_s"];
  if (every_s <= 0) every_s = order_.peers > 500 ? 60 : 10;
  const Duration every{static_cast<std::int64_t>(every_s * 1e6)};
  while (world_.now() < end) {
    const Duration slice = std::min<Duration>(every, end - world_.now());
    world_.run_for(slice);
    peer_seconds_ +=
        std::chrono::duration<double>(slice).count() * static_cast<double>(world_.ring().size());
    look();
  }
}

void Simulation::settle() {
  // As long as tables may take, and a little.
  run_for(Duration{static_cast<std::int64_t>(settings_["settle_s"] * 1e6)} + seconds{1});
}

void Simulation::look() {
  ledger_.settle(world_.hosts());
  ledger_.look_for_repairs(world_.now(), wanted_copies(), repairs_);
  if (world_.ring().empty()) return;
  if (world_.now() < checkers_from_) return;
  if (held_) {
    held_ = false;
    for (const auto& checker : checkers_)
      checker->begin_anew(*this);
  }
  for (const auto& checker : checkers_)
    checker->look(*this);
}

void Simulation::hold_checkers(Duration how_long) {
  held_ = true;
  checkers_from_ = std::max(checkers_from_, world_.now() + how_long);
}

std::size_t Simulation::wanted_copies() const {
  return std::min<std::size_t>(1 + topology::Chord::replicas, world_.ring().size());
}

void Simulation::violation(std::string_view checker, const std::string& what) {
  violations_.add(world_.now(), fmt::format("{}: {}", checker, what));
  tell("VIOLATION of '" + std::string{checker} + "': " + what);
}

void Simulation::tell(const std::string& sentence) const {
  if (trace_.tells()) trace_.tell(world_.now(), sentence);
}

void Simulation::handle_joined(Host& host) {
  ledger_.take_stock(host);
}

void Simulation::handle_gone(Host& host) {
  ledger_.handle_down(host, world_.now(), wanted_copies());
}

Report Simulation::report() {
  Report report;
  report.seed = order_.seed;
  report.scenario = order_.scenario;
  report.peers = world_.ring().size();
  report.signatures = world_.population().has_real_signatures() ? "ecdsa" : "free";
  report.virtual_seconds = seconds_since_start(world_.now());
  report.events = world_.events();
  report.trace_hash = trace_.hash();
  report.weather = order_.weather;

  const auto& counters = workload_.counters();
  report.lookups = counters.lookups;
  if (counters.lookups > 0) {
    report.lookup_success =
        static_cast<double>(counters.lookups_right) / static_cast<double>(counters.lookups);
  }
  report.hops_mean = world_.hops().mean();
  report.hops_p99 = world_.hops().percentile(0.99);
  const std::vector<double> latencies(workload_.latencies_ms().begin(),
                                      workload_.latencies_ms().end());
  report.latency_ms_p50 = percentile(latencies, 0.5);
  report.latency_ms_p99 = percentile(latencies, 0.99);
  report.acked_values = workload_.acked_values();
  report.lost_values = workload_.lost_values();
  report.stale_reads = counters.stale_reads;
  report.crash = crash_toll_;
  const auto& in_distrust = workload_.counters_in_distrust();
  report.hostile_lookups = in_distrust.lookups;
  report.hostile_missing = in_distrust.not_found;
  report.hostile_stale = in_distrust.stale_reads;
  report.hostile_failed = in_distrust.errors;

  double most_share = 0;
  double members = 0;
  for (const auto& [id, host] : world_.ring()) {
    most_share = std::max(most_share, host->peer->status().range_fraction);
    ++members;
  }
  report.max_share_over_mean = most_share * members;
  if (members > 0) {
    report.bytes_per_peer = static_cast<double>(resident() - resident_at_start_) / members;
  }
  const auto messages = world_.network().counters().messages - network_before_.messages;
  if (peer_seconds_ > 0) {
    report.messages_per_peer_per_minute = static_cast<double>(messages) / (peer_seconds_ / 60);
  }
  report.repair_seconds_p99 = percentile(repairs_, 0.99);
  report.violations = violations_.list();
  return report;
}

}  // namespace carillon::sim
