#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_mass_join(Simulation& simulation) {
  World& world = simulation.world();
  const std::size_t before = world.ring().size();
  simulation.tell("a cloud doubles the group at once");
  for (std::size_t i = 0; i < before; ++i)
    world.start(world.add_host());
  simulation.run_for(simulation.order().duration);
  if (world.ring().size() < 2 * before) {
    simulation.violation(
        "mass_join", std::to_string(2 * before - world.ring().size()) + " peers have not joined");
  }
}

}  // namespace

const Scenario mass_join{"mass_join", "as many peers again join at one instant", [](Settings&) {},
                         play_mass_join};

}  // namespace carillon::sim
