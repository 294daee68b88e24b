#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_neighbor_crash(Simulation& simulation) {
  World& world = simulation.world();
  const auto row = static_cast<std::size_t>(simulation.settings()["crash_neighbors"]);
  const MonotonicTime end = world.now() + simulation.order().duration;
  while (world.now() < end && world.ring().size() > row + 3) {
    Host* host = world.random_stayer();
    simulation.tell(std::to_string(row) + " neighbors crash together");
    for (std::size_t i = 0; i < row; ++i) {
      Host& next = world.membership().successor_of(*host);
      if (happens(world.random(), simulation.settings()["power_off_share"])) {
        world.power_off(*host);
      } else {
        world.kill(*host);
      }
      host = &next;
    }
    for (std::size_t i = 0; i < row; ++i)
      world.start(world.add_host());
    simulation.run_for(seconds{300});
  }
}

}  // namespace

const Scenario neighbor_crash{"neighbor_crash", "peers that stand side by side crash together",
                              [](Settings&) {}, play_neighbor_crash};

}  // namespace carillon::sim
