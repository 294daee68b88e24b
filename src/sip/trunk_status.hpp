#pragma once

#include <string>

#include "base/time.hpp"

namespace carillon::sip {

/// How a registration at a trunk stands.
struct TrunkStatus {
  std::string uri{};
  std::string aor{};      ///< Who we are there.
  seconds ends_in{};      ///< 0: it is not registered.
  std::string trouble{};  ///< What went wrong last; empty: nothing.
};

}  // namespace carillon::sip
