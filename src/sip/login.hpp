#pragma once

#include <string>

namespace carillon::sip {

/// Who we are at somebody else's server.
struct Login {
  std::string username{};
  std::string password{};
};

}  // namespace carillon::sip
