#pragma once

#include <cstdint>

namespace carillon::link {

/// One connection to another node, from its opening to its close; never used again (zero is none).
enum class LinkId : std::uint64_t { none = 0 };

}  // namespace carillon::link
