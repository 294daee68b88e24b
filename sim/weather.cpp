#include "sim/weather.hpp"

#include <array>

#include <fmt/format.h>

#include "sim/random.hpp"

namespace carillon::sim {
namespace {

/// A setting that bad weather changes, and between what limits.
struct Front {
  std::string_view key;
  double least;
  double most;
};

/// Those that come together.
struct Trouble {
  std::array<Front, 2> fronts;
};

constexpr std::array troubles{
    Trouble{{{{"loss", 0.001, 0.03}, {"jitter_ms", 2, 40}}}},
    Trouble{{{{"reordering", 0.01, 0.1}, {"duplication", 0.01, 0.1}}}},
    Trouble{{{{"latency_ms", 25, 120}, {"latency_sigma", 0.5, 1}}}},
    Trouble{{{{"bandwidth_mbit", 1, 10}, {"jitter_ms", 2, 10}}}},
    Trouble{{{{"frame_faults", 0.0002, 0.002}, {}}}},
    Trouble{{{{"clock_skew_ms", 100, 1'000}, {"clock_drift_ppm", 50, 300}}}},
    Trouble{{{{"clock_jump_every", 5, 60}, {"clock_jump_ms", 500, 5'000}}}},
    Trouble{{{{"slow_share", 0.05, 0.3}, {"slow_ms", 2, 8}}}},
    Trouble{{{{"disk_full_share", 0.05, 0.15}, {}}}},
    Trouble{{{{"disk_failures", 0.001, 0.02}, {}}}},
    Trouble{{{{"old_disk_share", 0.2, 0.8}, {}}}},
    Trouble{{{{"rare", 0.1, 0.5}, {}}}},
    Trouble{{{{"partition_one_way", 1, 1}, {}}}},
};

}  // namespace

std::vector<std::string> draw_weather(Settings& settings, std::uint64_t seed) {
  std::vector<std::string> changed;
  const double probability = settings["weather"];
  SmallRandom random{SmallRandom::mix(seed ^ 0x77656174686572U)};
  for (const Trouble& trouble : troubles) {
    const bool comes = happens(random, probability);
    for (const Front& front : trouble.fronts) {
      const double strength = front.least + (front.most - front.least) * unit(random);
      if (!comes || front.key.empty() || !settings.suggest(front.key, strength)) continue;
      changed.push_back(fmt::format("{}={:.4g}", front.key, strength));
    }
  }
  return changed;
}

}  // namespace carillon::sim
