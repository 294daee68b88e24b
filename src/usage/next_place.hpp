#pragma once

#include <optional>
#include <utility>

#include <carillon/ids.hpp>

#include "base/bytes.hpp"

namespace carillon::usage {

/// Where a walk round the ring (Overlay::find_next) goes on after `place`; nothing after the last.
[[nodiscard]] inline std::optional<ResourceId> next_place(const ResourceId& place) {
  Bytes octets = to_bytes(place.bytes());
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (++*octet != 0) return ResourceId{std::move(octets)};
  }
  return std::nullopt;
}

}  // namespace carillon::usage
