#include <algorithm>
#include <array>

#include "sim/scenario.hpp"

namespace carillon::sim {

std::span<const Scenario> all_scenarios() {
  static const std::array scenarios{steady,         churn,           mass_join, mass_crash,
                                    neighbor_crash, rolling_restart, partition, scale_in,
                                    flash_crowd,    hostile};
  return scenarios;
}

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::ranges::find(all_scenarios(), name, &Scenario::name);
  return found == all_scenarios().end() ? nullptr : &*found;
}

}  // namespace carillon::sim
