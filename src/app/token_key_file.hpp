#pragma once

#include <filesystem>

#include "app/enrollment/token.hpp"

namespace carillon::app {

/// The key in `enrollment.key` of an overlay's directory, made when it is first asked for. Throws
/// Failure.
[[nodiscard]] TokenKey token_key(const std::filesystem::path& overlay, Random& random);

}  // namespace carillon::app
