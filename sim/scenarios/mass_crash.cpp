#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_mass_crash(Simulation& simulation) {
  World& world = simulation.world();
  simulation.run_for(seconds{30});
  const auto count = static_cast<std::size_t>(simulation.settings()["crash_share"] *
                                              static_cast<double>(world.ring().size()));
  simulation.tell(std::to_string(count) + " peers crash at one instant");
  for (std::size_t i = 0; i < count; ++i) {
    Host& host = world.random_member();
    if (happens(world.random(), simulation.settings()["power_off_share"])) {
      world.power_off(host);
    } else {
      world.kill(host);
    }
  }
  simulation.run_for(simulation.order().duration);
}

}  // namespace

const Scenario mass_crash{"mass_crash", "a share of the peers crashes at one instant",
                          [](Settings&) {}, play_mass_crash};

}  // namespace carillon::sim
