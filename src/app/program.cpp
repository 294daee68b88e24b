#include "app/program.hpp"

#include <cstdio>
#include <exception>
#include <string_view>

#include "app/commands.hpp"
#include "app/failure.hpp"

namespace carillon::app {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

constexpr const char* about =
    "Carillon: a SIP registrar with no centre.\n"
    "Equal peers form a ring (RELOAD, RFC 6940); a phone registers at any of them,\n"
    "and a call placed through any other one finds it.";

constexpr const char* example =
    "\nA first overlay:\n"
    "  carillon overlay create --name overlay.example.org --domain example.org --dir overlay\n"
    "  carillon overlay enroll --overlay overlay --out peer1\n"
    "  carillon peer --dir peer1 --data data1 --listen 192.0.2.1:6084 --first \\\n"
    "      --sip udp:192.0.2.1:5060 --sip tcp:192.0.2.1:5060 --control peer1.sock\n"
    "  carillon user add alice@example.org --password-stdin --control peer1.sock\n"
    "\n'carillon COMMAND --help' says more about each.";

int say(const std::string& text, int code) {
  std::fprintf(stderr, "carillon: %s\n", text.c_str());
  return code;
}

int parse_and_run(int argc, char** argv) {
  CLI::App program{about, "carillon"};
  program.require_subcommand(1);
  program.footer(example);
  program.set_version_flag("--version", "carillon " CARILLON_VERSION);
  add_overlay_commands(program);
  // Only for the list of commands: its own command line is read elsewhere.
  program.add_subcommand("peer", "Run a peer: join the overlay and serve phones");
  add_user_commands(program);
  add_control_commands(program);
  add_backup_commands(program);
  add_enrollment_commands(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program.exit(asked);
  }
  return 0;
}

}  // namespace

int run_program(int argc, char** argv) {
  try {
    const bool is_peer = argc > 1 && std::string_view{argv[1]} == "peer";
    return is_peer ? run_peer_command(argc - 1, argv + 1) : parse_and_run(argc, argv);
  } catch (const CLI::RuntimeError& ended) {  // Of a command that has said itself what is wrong.
    return ended.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return say(error.what(), exit_usage);
  } catch (const std::exception& error) {
    return say(error.what(), exit_failed);
  }
}

}  // namespace carillon::app
