#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "app/peer_settings.hpp"

namespace carillon::app {

int run_peer_command(int argc, char** argv) {
  CLI::App command{"Run a peer: join the overlay, keep a part of its data, serve phones",
                   "carillon peer"};
  PeerSettings settings;
  define_peer_settings(command, settings);
  command.footer(
      "\nEach flag can also be set in the environment (--log-level as CARILLON_LOG_LEVEL, values\n"
      "of a repeated one separated by commas) or in the file of --config (log-level = \"debug\").\n"
      "A flag wins over the file, the file over the environment.\n\n"
      "Once it has joined and serves it prints one line: ready {...}. SIGTERM, SIGINT and\n"
      "'carillon leave' make it leave in order, handing its data on; a second signal ends it at "
      "once.");
  try {
    command.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help
    return command.exit(asked);
  }
  return run_daemon(settings);
}

}  // namespace carillon::app
