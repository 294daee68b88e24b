#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace carillon {

enum class Severity : std::uint8_t { debug, info, warning, error };

/// What an operator should read in the log: the core has no log of its own, it hands these out.
/// Never contains a password, key or nonce.
struct Notice {
  Severity severity{};
  std::string text{};
};

/// Takes notices; must only queue or print them, never call back into the core.
using NoticeSink = std::function<void(Notice)>;

}  // namespace carillon
