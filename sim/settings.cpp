#include "sim/settings.hpp"

#include <array>
#include <cstdlib>

namespace carillon::sim {
namespace {

constexpr std::array known_settings{
    Setting{"latency_ms", 25, "one-way delay between two hosts: the median"},
    Setting{"latency_sigma", 0.5, "its spread over pairs of hosts (log-normal, up to 600 ms)"},
    Setting{"jitter_ms", 2, "and from one packet to the next (even)"},
    Setting{"weather", 0, "0 to 1: each of the troubles below comes, as the seed has it"},
    Setting{"loss", 0, "share of packets lost: TCP sends again after 200 ms, 400 ms, ..."},
    Setting{"reordering", 0, "share of packets overtaken: what follows waits for them"},
    Setting{"duplication", 0, "share of packets that come twice: TCP drops the second"},
    Setting{"bandwidth_mbit", 0, "of each connection; 0: no limit"},
    Setting{"frame_faults", 0, "share of frames dropped, doubled or swapped, as no TCP would"},
    Setting{"clock_skew_ms", 100, "wall clocks are set wrong by so much (standard deviation)"},
    Setting{"clock_drift_ppm", 50, "clocks run too fast or slow by up to so much"},
    Setting{"clock_jump_every", 0, "seconds between jumps of a wall clock somewhere; 0: none"},
    Setting{"clock_jump_ms", 5000, "how far one jumps, at most"},
    Setting{"slow_share", 0, "share of hosts that are slow"},
    Setting{"slow_ms", 20, "what each packet costs a slow host"},
    Setting{"disk_full_share", 0, "share of hosts whose disk holds next to nothing"},
    Setting{"disk_failures", 0, "share of syncs that fail"},
    Setting{"old_disk_share", 0, "share of restarts that find the disk as it was a while ago"},
    Setting{"rare", 0,
            "0 to 1: share of peers with tiny queues and early timers; of joins cut off half-way"},
    Setting{"joins_at_once", 0.05, "while the ring is built: this share of its present size"},
    Setting{"values", 0, "users whose values are stored; 0: as many as peers, at least 50"},
    Setting{"lookups_per_second", 0, "in the whole overlay; 0: two a peer and minute, at least 5"},
    Setting{"updates_per_second", 0, "new values; 0: each user's once in ten minutes"},
    Setting{"removal_share", 0.1, "of the updates: the value is removed"},
    Setting{"lifetime_s", 3600, "of stored values"},
    Setting{"confirmations", 1, "replicas that confirm before a value counts as kept"},
    Setting{"session_mean_s", 3600, "churn: how long a peer stays, on average"},
    Setting{"session_shape", 0, "churn: 0 is exponential, else a Pareto distribution's shape"},
    Setting{"leave_share", 0.5, "of those that go: with a Leave, the others crash"},
    Setting{"power_off_share", 0.5,
            "of those that crash: nobody is told, not even by their kernel"},
    Setting{"crash_share", 0.1, "mass_crash: share of the peers"},
    Setting{"crash_neighbors", 2, "neighbor_crash: how many in a row"},
    Setting{"partition_s", 120, "partition: how long it lasts"},
    Setting{"partition_share", 0.5, "partition: the smaller side"},
    Setting{"heal_s", 600, "partition: how long the two may take to become one again"},
    Setting{"partition_one_way", 0, "1: only one direction is cut"},
    Setting{"scale_in_by_chance", 0, "scale_in: 1: anybody leaves; 0: whom enrollment names"},
    Setting{"outage_s", 60, "flash_crowd: how long nobody could register"},
    Setting{"phones", 20, "flash_crowd: for each peer"},
    Setting{"hostile_share", 0.1, "hostile: share of the peers"},
    Setting{"real_signatures_up_to", 256, "above so many peers signatures cost nothing"},
    Setting{"check_every_s", 0,
            "how often the whole overlay is looked at; 0: 10 s, 60 s above 500 peers"},
    Setting{"settle_s", 120, "within this, after a change next to a peer, its tables are right"},
    Setting{"repair_s", 420, "within this there are three copies again"},
};

}  // namespace

std::span<const Setting> all_settings() {
  return known_settings;
}

Settings::Settings() {
  for (const Setting& setting : known_settings)
    values_.emplace(setting.key, Value{setting.standard, false});
}

Result<void> Settings::set(std::string_view assignment) {
  const auto equals = assignment.find('=');
  const auto found = values_.find(assignment.substr(0, equals));
  if (equals == std::string_view::npos || found == values_.end()) {
    return fail(ErrorCode::invalid_argument, "--set",
                "'" + std::string{assignment} + "' is no key=value of those in --help");
  }
  const std::string text{assignment.substr(equals + 1)};
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') {
    return fail(ErrorCode::invalid_argument, "--set", "'" + text + "' is not a number");
  }
  found->second = {number, true};
  return {};
}

bool Settings::suggest(std::string_view key, double value) {
  Value& known = values_.find(key)->second;
  if (!known.chosen) known.number = value;
  return !known.chosen;
}

double Settings::operator[](std::string_view key) const {
  return values_.find(key)->second.number;
}

}  // namespace carillon::sim
