#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/node.hpp"

namespace carillon::app {

/// What `carillon status --json` prints.
[[nodiscard]] nlohmann::ordered_json status_json(Node& node);

/// The node that is responsible for a resource, as far as this peer's routing table tells: exact
/// where it knows the ring's nodes on both sides of it.
[[nodiscard]] NodeId responsible_node(const peer::PeerStatus& status, const ResourceId& resource);

}  // namespace carillon::app
