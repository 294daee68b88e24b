#pragma once

#include <span>
#include <string_view>

#include "sim/settings.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {

/// What is played on a ring that stands and a load that runs. One in each file of scenarios/.
struct Scenario {
  std::string_view name;
  std::string_view meaning;
  /// Its own standards.
  void (*prepare)(Settings&);
  void (*play)(Simulation&);
};

[[nodiscard]] std::span<const Scenario> all_scenarios();
/// Null if there is none of that name.
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

// scenarios/
extern const Scenario steady;
extern const Scenario churn;
extern const Scenario mass_join;
extern const Scenario mass_crash;
extern const Scenario neighbor_crash;
extern const Scenario rolling_restart;
extern const Scenario partition;
extern const Scenario scale_in;
extern const Scenario flash_crowd;
extern const Scenario hostile;

}  // namespace carillon::sim
