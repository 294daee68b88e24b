#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/control_client.hpp"
#include "app/failure.hpp"

namespace carillon::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_password_octets = 1024;

struct UserOptions {
  std::filesystem::path control;
  std::string aor;
  std::string password;
  bool from_stdin{false};
  bool json{false};
};

void add_control_option(CLI::App& command, std::filesystem::path& control) {
  command.add_option("--control", control, "The control socket of a running peer")
      ->required()
      ->envname("CARILLON_CONTROL")
      ->type_name("PATH");
}

std::string read_password() {
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

void add_user(const UserOptions& options) {
  const auto password = options.from_stdin ? read_password() : options.password;
  if (password.empty()) throw Failure("the password is empty");
  if (password.size() > max_password_octets) throw Failure("the password is too long");
  (void)ask_peer(options.control,
                 {{"command", "user_add"}, {"aor", options.aor}, {"password", password}});
  std::printf("user %s added\n", options.aor.c_str());
}

void define_add(CLI::App& user) {
  auto* command = user.add_subcommand("add", "Add a user, or give one a new password");
  const auto options = std::make_shared<UserOptions>();
  command->add_option("user", options->aor, "e.g. alice@example.org")
      ->required()
      ->type_name("NAME@DOMAIN");
  auto* from_stdin = command->add_flag("--password-stdin", options->from_stdin,
                                       "Read the password from the first line of stdin");
  auto* password =
      command
          ->add_option("--password", options->password,
                       "The password; others on this machine may see it in the list of processes")
          ->type_name("PASSWORD");
  password->excludes(from_stdin);
  add_control_option(*command, options->control);
  command->callback([options, password] {
    if (!options->from_stdin && password->count() == 0) {
      throw CLI::RequiredError("--password-stdin or --password");
    }
    add_user(*options);
  });
}

void define_remove(CLI::App& user) {
  auto* command = user.add_subcommand("remove", "Remove a user");
  const auto options = std::make_shared<UserOptions>();
  command->add_option("user", options->aor, "e.g. alice@example.org")
      ->required()
      ->type_name("NAME@DOMAIN");
  add_control_option(*command, options->control);
  command->callback([options] {
    (void)ask_peer(options->control, {{"command", "user_remove"}, {"aor", options->aor}});
    std::printf("user %s removed\n", options->aor.c_str());
  });
}

void define_list(CLI::App& user) {
  auto* command = user.add_subcommand("list", "List the users of the overlay");
  const auto options = std::make_shared<UserOptions>();
  add_control_option(*command, options->control);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] {
    const auto result = ask_peer(options->control, {{"command", "user_list"}});
    if (options->json) {
      std::printf("%s\n", result.dump(2).c_str());
      return;
    }
    for (const auto& aor : result.value("users", Json::array())) {
      std::printf("%s\n", aor.get<std::string>().c_str());
    }
  });
}

}  // namespace

void add_user_commands(CLI::App& program) {
  auto* user = program.add_subcommand("user", "Add, remove and list the overlay's users");
  user->require_subcommand(1);
  define_add(*user);
  define_remove(*user);
  define_list(*user);
}

}  // namespace carillon::app
