#include <algorithm>

#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

/// Down for a moment, then back with its disk: an upgrade, one host after the other.
void restart(Simulation& simulation, Host& host) {
  World& world = simulation.world();
  const bool old_disk = happens(world.random(), simulation.settings()["old_disk_share"]);
  if (old_disk) host.disk.take_snapshot();
  if (happens(world.random(), simulation.settings()["leave_share"])) {
    world.leave(host);
    (void)world.run_until([&] { return !host.is_up(); }, seconds{40});
  }
  if (host.is_up()) world.kill(host);
  simulation.run_for(seconds{2});
  if (old_disk) (void)host.disk.go_back();
  world.start(host);
  (void)world.run_until([&] { return host.is_member; }, seconds{60});
  if (!host.is_member && !host.has_small_disk) {
    simulation.violation("rolling_restart",
                         "peer " + std::to_string(host.index) + " is not back after a minute");
  }
}

void play_rolling_restart(Simulation& simulation) {
  World& world = simulation.world();
  const std::size_t count = world.hosts().size();
  const auto pause = std::max<World::Duration>(
      seconds{20}, simulation.order().duration / std::max<std::size_t>(1, count));
  for (std::size_t i = 0; i < count; ++i) {
    Host& host = world.host(static_cast<HostIndex>(i));
    if (!host.is_member) continue;
    restart(simulation, host);
    simulation.run_for(pause);
  }
}

}  // namespace

const Scenario rolling_restart{"rolling_restart", "each peer is restarted, one after the other",
                               [](Settings&) {}, play_rolling_restart};

}  // namespace carillon::sim
