#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/settings.hpp"

namespace carillon::sim {

/// What a run has to put up with beside its scenario: each trouble comes with the probability
/// `weather`, in a strength that the seed draws. What the user has set stays as it is. Returns the
/// settings that it changed, as "key=value".
std::vector<std::string> draw_weather(Settings& settings, std::uint64_t seed);

}  // namespace carillon::sim
