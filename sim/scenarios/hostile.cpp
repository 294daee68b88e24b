#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

/// What honest peers have of what only a hostile one answered for comes back to its place.
constexpr seconds mending{60};

void play_hostile(Simulation& simulation) {
  World& world = simulation.world();
  const auto count = static_cast<std::size_t>(simulation.settings()["hostile_share"] *
                                              static_cast<double>(world.ring().size()));
  simulation.tell(std::to_string(count) + " peers turn hostile");
  // What a hostile peer is responsible for it may deny; that it forges nothing is what is looked
  // at.
  simulation.workload().distrust();
  for (std::size_t i = 0; i < count; ++i) {
    Host& host = world.random_member();
    host.hostility = std::make_unique<Hostility>(world.random().u64());
  }
  // Whoever stands between two neighbors and drops their Attach can keep them apart while it lasts.
  const auto settling =
      World::Duration{static_cast<std::int64_t>(simulation.settings()["settle_s"] * 1e6)};
  simulation.hold_checkers(simulation.order().duration + settling);
  simulation.run_for(simulation.order().duration);
  for (const auto& host : world.hosts()) {
    if (host->hostility) world.kill(*host);
  }
  simulation.tell("the hostile peers are thrown out");
  simulation.workload().trust();
  simulation.workload().excuse_until(world.now() + mending);
  simulation.run_for(settling);
}

}  // namespace

const Scenario hostile{"hostile",
                       "a minority drops, misroutes, forges, replays and answers for others",
                       [](Settings&) {}, play_hostile};

}  // namespace carillon::sim
