#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

void play_scale_in(Simulation& simulation) {
  World& world = simulation.world();
  const std::size_t before = world.ring().size();
  const std::size_t left = std::max<std::size_t>(1, before / 3);
  simulation.tell("the cloud scales in to a third");
  while (world.ring().size() > left) {
    const bool by_chance = simulation.settings()["scale_in_by_chance"] > 0;
    Host* host = by_chance ? world.random_stayer() : world.membership().best_leaver();
    if (host == nullptr) break;
    world.leave(*host);
    if (!world.run_until([&] { return !host->is_member; }, seconds{60})) {
      simulation.violation("scale_in",
                           "peer " + std::to_string(host->index) + " has not left within a minute");
      break;
    }
    simulation.run_for(seconds{1});
  }
  simulation.run_for(simulation.order().duration);
}

}  // namespace

const Scenario scale_in{"scale_in", "two thirds of the peers leave, one after the other",
                        [](Settings&) {}, play_scale_in};

}  // namespace carillon::sim
