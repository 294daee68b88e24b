#pragma once

#include <filesystem>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::app {

/// A Node-ID for a new peer (topology/node_id_choice.hpp). Those of the others are the lines of a
/// file, to which the choice is added. Throws Failure if the file cannot be read or written.
[[nodiscard]] NodeId choose_node_id(const std::filesystem::path& list, Random& random);

}  // namespace carillon::app
