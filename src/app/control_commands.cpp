#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/control_client.hpp"
#include "app/decode/decode_command.hpp"
#include "app/failure.hpp"
#include "app/status_text.hpp"

namespace carillon::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds progress_interval{200};

struct ControlOptions {
  std::filesystem::path control;
  std::string name;
  std::string kind;
  bool json{false};
  bool wait{false};
  bool count{false};
};

void add_common(CLI::App& command, ControlOptions& options) {
  command.add_option("--control", options.control, "The control socket of a running peer")
      ->required()
      ->envname("CARILLON_CONTROL")
      ->type_name("PATH");
  command.add_flag("--json", options.json, "Print JSON");
}

void print_line(const std::string& text) {
  std::printf("%s\n", text.c_str());
}

void define_status(CLI::App& program) {
  auto* command = program.add_subcommand("status", "What a running peer knows and does");
  const auto options = std::make_shared<ControlOptions>();
  add_common(*command, *options);
  command->add_flag("--count", options->count, "Also count what is stored, of each Kind");
  command->callback([options] {
    const auto status =
        ask_peer(options->control, {{"command", "status"}, {"count", options->count}});
    print_line(options->json ? status.dump(2) : status_text(status));
  });
}

void define_lookup(CLI::App& program) {
  auto* command = program.add_subcommand(
      "lookup", "Where the phones of a user are; or, with --kind, the values stored at a name");
  const auto options = std::make_shared<ControlOptions>();
  command->add_option("aor", options->name, "e.g. alice@example.org")->required()->type_name("AOR");
  command
      ->add_option("--kind", options->kind,
                   "The raw values of a Kind: its name in the overlay's configuration, or number")
      ->type_name("KIND");
  add_common(*command, *options);
  command->callback([options] {
    Json request{{"command", "lookup"}, {"name", options->name}};
    if (!options->kind.empty()) request["kind"] = options->kind;
    const auto found = ask_peer(options->control, request);
    print_line(options->json ? found.dump(2) : lookup_text(found));
  });
}

struct StoreOptions : ControlOptions {
  std::string text;
  std::string hex;
  std::string key;
  std::string user;
  std::uint32_t index{};
  std::int64_t lifetime_s{3600};
  bool remove{false};
};

Json store_request(const StoreOptions& options, bool has_text, bool has_index) {
  Json request{{"command", "store"},
               {"name", options.name},
               {"kind", options.kind},
               {"lifetime", options.lifetime_s},
               {"exists", !options.remove}};
  if (has_text) request["text"] = options.text;
  if (!options.hex.empty()) request["hex"] = options.hex;
  if (!options.key.empty()) request["key"] = options.key;
  if (!options.user.empty()) request["user"] = options.user;
  if (has_index) request["index"] = options.index;
  return request;
}

void define_store(CLI::App& program) {
  auto* command = program.add_subcommand("store", "Store a value in the overlay");
  const auto options = std::make_shared<StoreOptions>();
  command->add_option("name", options->name, "The resource's name, e.g. alice@example.org")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--kind", options->kind,
                   "Its name in the overlay's configuration, or number, e.g. 0xf0000001")
      ->required()
      ->type_name("KIND");
  auto* text = command->add_option("--text", options->text, "The value")->type_name("TEXT");
  auto* hex = command->add_option("--hex", options->hex, "The value, in hexadecimal digits")
                  ->type_name("HEX")
                  ->excludes(text);
  auto* remove = command->add_flag("--remove", options->remove, "Remove what is stored there");
  remove->excludes(text)->excludes(hex);
  auto* index = command->add_option("--index", options->index, "Where in an array")->type_name("N");
  command
      ->add_option("--key", options->key,
                   "Where in a dictionary, in hexadecimal digits (default: the peer's Node-ID)")
      ->type_name("HEX")
      ->excludes(index);
  command
      ->add_option("--user", options->user,
                   "On whose behalf (default: the name, if it is a user of a domain we serve)")
      ->type_name("NAME@DOMAIN");
  command->add_option("--lifetime", options->lifetime_s, "Seconds")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("S");
  add_common(*command, *options);
  command->callback([options, text, hex, index] {
    if (!options->remove && text->count() == 0 && hex->count() == 0) {
      throw CLI::RequiredError("--text, --hex or --remove");
    }
    const auto result =
        ask_peer(options->control, store_request(*options, text->count() > 0, index->count() > 0));
    print_line(options->json
                   ? result.dump(2)
                   : "kept, with " + std::to_string(result.value("replicas", 0)) + " replicas");
  });
}

/// Prints what has changed since `last`, which it becomes. That the peer is gone already is what
/// is waited for.
void print_progress(const std::filesystem::path& control, std::string& last) {
  std::string line;
  try {
    const auto status = ask_peer(control, {{"command", "status"}});
    line = status.value("leaving", Json::object()).value("progress", std::string{});
  } catch (const Failure&) {
    return;
  }
  if (line.empty() || line == last) return;
  std::fprintf(stderr, "%s\n", line.c_str());
  last = std::move(line);
}

Json leave(const ControlOptions& options) {
  const Json request{{"command", "leave"}};
  if (!options.wait) return ask_peer(options.control, request);
  std::string last;
  return ask_peer_patiently(options.control, request, progress_interval,
                            [&] { print_progress(options.control, last); });
}

void define_leave(CLI::App& program) {
  auto* command = program.add_subcommand(
      "leave", "Make a peer leave: it hands its data on, moves its phones, and ends");
  const auto options = std::make_shared<ControlOptions>();
  add_common(*command, *options);
  command->add_flag("--wait", options->wait, "Say on stderr, step by step, how far it has come");
  command->callback([options] {
    const auto result = leave(*options);
    print_line(options->json ? result.dump(2)
                             : "peer " + result.value("node_id", std::string{}) + " has left");
  });
}

void define_decode(CLI::App& program) {
  auto* command = program.add_subcommand("decode", "Print a RELOAD message as JSON");
  const auto options = std::make_shared<DecodeOptions>();
  command->add_option("message", options->hex, "Hexadecimal digits, or - to read them from stdin")
      ->required()
      ->type_name("HEX|-");
  command->add_flag("--framed", options->framed,
                    "It is a framed message, as it travels between peers (RFC 6940, 6.6.2)");
  command->add_flag("--reencode", options->reencode,
                    "Print the hexadecimal digits of encoding again what was decoded");
  command->callback([options] {
    if (const int code = run_decode(*options, std::cin, std::cout, std::cerr); code != 0) {
      throw CLI::RuntimeError(code);  // It has said why.
    }
  });
}

}  // namespace

void add_control_commands(CLI::App& program) {
  define_status(program);
  define_lookup(program);
  define_store(program);
  define_leave(program);
  define_decode(program);
}

}  // namespace carillon::app
