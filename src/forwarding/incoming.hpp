#pragma once

#include <optional>
#include <string>
#include <variant>

#include "forwarding/link_action.hpp"
#include "wire/error_response.hpp"
#include "wire/forwarding_header.hpp"

namespace carillon::forwarding {

/// A whole message for this node. Its signature is not checked yet.
struct Delivered {
  /// The last hop; nothing if it has not said which of its Node-IDs it uses (6.1.2). This node
  /// itself, for what it sent to itself.
  std::optional<NodeId> previous_hop{};
  wire::ForwardingHeader header{};
  Bytes payload{};  ///< MessageContents and SecurityBlock, as sent.
  /// The Destination List for a response: the previous hop, then the Via List backwards (6.2.2).
  wire::DestinationList return_path{};
};

/// A request that went no further here, and that should be told why.
struct Rejected {
  wire::ForwardingHeader header{};
  wire::DestinationList return_path{};
  wire::ErrorResponseCode error{};
  std::string detail{};
};

using Incoming = std::variant<Delivered, Rejected>;

}  // namespace carillon::forwarding
