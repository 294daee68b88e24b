#pragma once

#include <cstdint>
#include <vector>

#include <carillon/overlay.hpp>

#include "sip/location_service.hpp"

namespace carillon::usage {

/// What the peers say of an AOR's contacts, as a lookup has found it.
struct PeerEntries {
  std::vector<sip::PeerEntry> entries{};
  std::uint64_t unreadable{};  ///< Contact lists that could not be read: they are left out.
};

/// Reads the values of Kind carillon_contacts; others in `report` are passed over.
[[nodiscard]] PeerEntries peer_entries(const LookupReport& report);

}  // namespace carillon::usage
