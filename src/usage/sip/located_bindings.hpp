#pragma once

#include <cstdint>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/time.hpp"
#include "sip/location_service.hpp"

namespace carillon::usage {

/// What the contact lists in a report say, merged.
struct LocatedBindings {
  std::vector<sip::LocatedBinding> bindings{};
  std::uint64_t unreadable{};  ///< Lists that could not be read: they are left out.
};

/// Reads the values of Kind carillon_contacts; others in `report` are passed over.
[[nodiscard]] LocatedBindings located_bindings(const LookupReport& report, WallTime now);

}  // namespace carillon::usage
