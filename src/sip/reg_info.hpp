#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sip/location_service.hpp"

namespace carillon::sip {

/// What a subscriber has been told of an AOR's contacts, and the document that tells what is new
/// (RFC 3680, 5: application/reginfo+xml).
class RegInfo {
 public:
  explicit RegInfo(std::string aor) : aor_(std::move(aor)) {}

  /// The whole state if `full` (or nothing was told yet), else only what has changed; empty if
  /// nothing has. What it says counts as told.
  [[nodiscard]] std::string document(const std::vector<LocatedBinding>& located, WallTime now,
                                     bool full);

 private:
  struct Told {
    WallTime updated{};
    WallTime expires{};
    std::string uri{};
  };
  std::string aor_;
  std::uint32_t version_{0};
  bool was_active_{false};
  std::map<std::string, Told> told_;  ///< By contact id.
};

}  // namespace carillon::sip
