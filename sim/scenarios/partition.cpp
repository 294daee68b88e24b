#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_partition(Simulation& simulation) {
  World& world = simulation.world();
  const Settings& settings = simulation.settings();
  simulation.run_for(seconds{30});
  const auto length = World::Duration{static_cast<std::int64_t>(settings["partition_s"] * 1e6)};
  const auto healing = World::Duration{static_cast<std::int64_t>(settings["heal_s"] * 1e6)};
  for (const auto& [id, host] : world.ring()) {
    if (happens(world.random(), settings["partition_share"])) host->group = 1;
  }
  simulation.tell("the network falls into two");
  world.network().cut(0, 1);
  if (settings["partition_one_way"] == 0) world.network().cut(1, 0);
  // While it lasts, and until both rings are one again, a reader may be on the wrong side.
  simulation.workload().excuse_until(world.now() + length + healing);
  simulation.hold_checkers(length + healing);
  simulation.run_for(length);
  simulation.tell("the network is whole again");
  world.network().mend(world.now());
  world.unsettle_all();
  simulation.run_for(healing);
  simulation.run_for(simulation.order().duration);
}

}  // namespace

const Scenario partition{"partition", "the network falls into two, and heals", [](Settings&) {},
                         play_partition};

}  // namespace carillon::sim
