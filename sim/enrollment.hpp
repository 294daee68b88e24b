#pragma once

#include <map>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::sim {

struct Host;

/// The Node-ID that enrollment hands to a new peer, beside the present members.
[[nodiscard]] NodeId choose_node_id(const std::map<NodeId, Host*>& members, Random& random);

}  // namespace carillon::sim
