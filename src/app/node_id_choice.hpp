#pragma once

#include <filesystem>
#include <vector>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::app {

/// Node-IDs drawn for a new peer, of which the best placed is kept.
inline constexpr int node_id_candidates = 64;

/// A random Node-ID (RFC 6940, 11.3: it must be unpredictable to who asks), the one of many that
/// splits the largest gap between `taken`: peers get parts of the ring of similar size.
[[nodiscard]] NodeId choose_node_id(const std::vector<NodeId>& taken, Random& random);

/// The same, the taken ones being the lines of a file, to which the choice is added.
/// Throws Failure if the file cannot be read or written.
[[nodiscard]] NodeId choose_node_id(const std::filesystem::path& list, Random& random);

}  // namespace carillon::app
