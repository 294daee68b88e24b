#pragma once

#include <CLI/CLI.hpp>

namespace carillon::app {

// Each adds its commands to the command line. A command that was chosen runs when the line has been
// read, and throws Failure if it cannot be done.

void add_overlay_commands(CLI::App& program);
void add_user_commands(CLI::App& program);
void add_control_commands(CLI::App& program);
void add_backup_commands(CLI::App& program);
void add_enrollment_commands(CLI::App& program);

/// `carillon peer`, the daemon. It has a command line of its own, since CLI11 reads a configuration
/// file only for the outermost one.
int run_peer_command(int argc, char** argv);

}  // namespace carillon::app
