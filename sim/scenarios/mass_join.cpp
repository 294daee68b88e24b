#include <algorithm>
#include <vector>

#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_mass_join(Simulation& simulation) {
  World& world = simulation.world();
  const std::size_t before = world.ring().size();
  simulation.tell("a cloud doubles the group at once");
  std::vector<Host*> cloud;
  for (std::size_t i = 0; i < before; ++i) {
    cloud.push_back(&world.add_host());
    world.start(*cloud.back());
  }
  simulation.run_for(simulation.order().duration);
  const auto late = std::ranges::count_if(
      cloud, [](const Host* host) { return !host->is_member && !host->has_small_disk; });
  if (late > 0) {
    simulation.violation("mass_join", std::to_string(late) + " peers have not joined");
  }
}

}  // namespace

const Scenario mass_join{"mass_join", "as many peers again join at one instant", [](Settings&) {},
                         play_mass_join};

}  // namespace carillon::sim
