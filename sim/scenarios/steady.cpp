#include "sim/scenario.hpp"

namespace carillon::sim {

const Scenario steady{
    "steady", "nobody comes or goes", [](Settings&) {},
    [](Simulation& simulation) { simulation.run_for(simulation.order().duration); }};

}  // namespace carillon::sim
