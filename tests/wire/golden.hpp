#pragma once

#include <string>

#include <carillon/ids.hpp>

namespace carillon::wire::testing {

/// The octets of golden/NAME.hex; see golden/README.md. Throws if there is no such file.
Bytes golden(const std::string& name);

/// The nodes of golden/node_1.hex to node_3.hex.
NodeId node(std::uint8_t number);
/// The resource of golden/resource.hex.
ResourceId resource();

}  // namespace carillon::wire::testing
