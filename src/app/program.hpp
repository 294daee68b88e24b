#pragma once

namespace carillon::app {

/// The `carillon` command. Returns the exit code: 0 done, 1 failed (one line on stderr says why),
/// 2 used wrongly.
[[nodiscard]] int run_program(int argc, char** argv);

}  // namespace carillon::app
