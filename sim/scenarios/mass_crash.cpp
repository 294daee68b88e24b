#include <algorithm>
#include <vector>

#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

/// The chance that all copies of a value, on `copies` of `peers` drawn at random, are among the
/// `crashed`.
double chance_of_loss(std::size_t peers, std::size_t crashed, std::size_t copies) {
  double chance = 1;
  for (std::size_t i = 0; i < copies; ++i) {
    if (crashed <= i) return 0;
    chance *= static_cast<double>(crashed - i) / static_cast<double>(peers - i);
  }
  return chance;
}

/// The values whose newest version somebody holds. Those that are changed or removed just now do
/// not count, nor what expires soon.
std::vector<std::size_t> values_there(Simulation& simulation) {
  constexpr seconds margin{60};
  std::vector<std::size_t> list;
  const auto& entries = simulation.ledger().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const LedgerEntry& entry = entries[i];
    const bool counts = entry.acked > 0 && !entry.removed && !entry.under_way && !entry.excused &&
                        entry.expires > simulation.world().now() + margin;
    if (counts && entry.newest_copies() > 0) list.push_back(i);
  }
  return list;
}

void play_mass_crash(Simulation& simulation) {
  World& world = simulation.world();
  simulation.run_for(seconds{30});
  const std::size_t peers = world.ring().size();
  const auto count =
      static_cast<std::size_t>(simulation.settings()["crash_share"] * static_cast<double>(peers));
  const auto values = values_there(simulation);
  const std::size_t copies = simulation.wanted_copies();
  simulation.tell(std::to_string(count) + " peers crash at one instant");
  for (std::size_t i = 0; i < count; ++i) {
    Host& host = world.random_member();
    if (happens(world.random(), simulation.settings()["power_off_share"])) {
      world.power_off(host);
    } else {
      world.kill(host);
    }
  }
  const auto lost = std::ranges::count_if(values, [&](std::size_t index) {
    return simulation.ledger().entry(index).newest_copies() == 0;
  });
  simulation.set_crash_toll({count, values.size(), static_cast<std::uint64_t>(lost),
                             chance_of_loss(peers, count, copies)});
  simulation.run_for(simulation.order().duration);
}

}  // namespace

const Scenario mass_crash{"mass_crash", "a share of the peers crashes at one instant",
                          [](Settings&) {}, play_mass_crash};

}  // namespace carillon::sim
