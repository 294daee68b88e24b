#pragma once

#include <filesystem>
#include <optional>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::app {

/// A Node-ID for a new peer (topology/node_id_choice.hpp). Those of the others are the lines of a
/// file, to which the choice is added. Throws Failure if the file cannot be read or written.
[[nodiscard]] NodeId choose_node_id(const std::filesystem::path& list, Random& random);

/// Takes a Node-ID off the list, so that the next one fills its place: `gone`, or, if that is
/// nothing, the one whose peer should leave (topology::choose_leaver). Throws Failure, also if it
/// is not on the list.
NodeId retire_node_id(const std::filesystem::path& list, const std::optional<NodeId>& gone);

}  // namespace carillon::app
