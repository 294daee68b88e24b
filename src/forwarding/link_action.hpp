#pragma once

#include <optional>
#include <string>
#include <variant>

#include <carillon/ids.hpp>

#include "link/address_port.hpp"
#include "link/link_id.hpp"

namespace carillon::forwarding {

using link::AddressPort;
using link::LinkId;

/// Connect (TCP and TLS, both sides with certificates), then report opened or closed.
struct OpenLink {
  LinkId link{};
  AddressPort address{};
  /// Whom we expect to find there; whoever checks the certificate compares. Nothing: anybody.
  std::optional<NodeId> expected{};
};

/// Put on the wire: one framed message, as one TLS record.
struct SendBytes {
  LinkId link{};
  Bytes octets{};
};

/// Send what is still to be sent, then close. The link is gone: nothing more is to be reported.
struct CloseLink {
  LinkId link{};
  std::string reason{};
};

/// What forwarding wants done with connections, in this order.
using LinkAction = std::variant<OpenLink, SendBytes, CloseLink>;

}  // namespace carillon::forwarding
