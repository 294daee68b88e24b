#pragma once

#include <optional>
#include <vector>

#include "link/address_port.hpp"
#include "wire/ice_candidate.hpp"

namespace carillon::peer {

/// The candidates of a node that listens at `address`, without ICE: one host candidate for TLS
/// (RFC 6940, 6.5.1.1 and 6.5.1.11). Empty if the address is not numeric.
[[nodiscard]] std::vector<wire::IceCandidate> make_candidates(const link::AddressPort& address);

/// Where a node listens for TLS without ICE, as its candidates have it: the first that is usable.
[[nodiscard]] std::optional<link::AddressPort> listening_address(
    const std::vector<wire::IceCandidate>& candidates);

}  // namespace carillon::peer
