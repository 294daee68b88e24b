#pragma once

#include <string>

#include "app/leaving.hpp"
#include "app/node.hpp"

namespace carillon::app {

/// What /metrics answers, in Prometheus' text format (docs/operations.md has the list). Cheap
/// enough to be asked every few seconds.
[[nodiscard]] std::string metrics_text(Node& node, Leaving& leaving);

}  // namespace carillon::app
