#pragma once

#include <string>

namespace carillon::app {

/// Why nobody was enrolled, as HTTP says it.
struct Refusal {
  unsigned status{403};
  std::string token{};   ///< One of RFC 6940's (11.3) where it has one: "bad_CSR".
  std::string reason{};  ///< For people.
};

}  // namespace carillon::app
