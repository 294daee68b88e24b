#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/node_id_choice.hpp"
#include "app/overlay_files.hpp"

namespace carillon::app {
namespace {

void add_create(CLI::App& overlay) {
  auto* command = overlay.add_subcommand(
      "create", "Make a new overlay: root certificate, signing keys, configuration document");
  const auto settings = std::make_shared<OverlaySettings>();
  command->add_option("--name", settings->name, "The overlay's name, a domain name")
      ->required()
      ->type_name("NAME");
  command->add_option("--dir", settings->directory, "Where to write; must not hold an overlay yet")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--domain", settings->domains,
                   "A SIP domain that is served; may be given again (default: the overlay's name)")
      ->type_name("DOMAIN")
      ->allow_extra_args(false);
  command->add_option("--key-type", settings->key_type, "ecdsa (P-256) or rsa (2048 bits)")
      ->check(CLI::IsMember({"ecdsa", "rsa"}))
      ->capture_default_str()
      ->type_name("TYPE");
  command
      ->add_option("--bootstrap", settings->bootstrap,
                   "Where a peer can be asked for entry; may be given again")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  command
      ->add_option("--enrollment-server", settings->enrollment_servers,
                   "Where newcomers enroll; may be given again")
      ->type_name("https://HOST[:PORT]/PATH")
      ->allow_extra_args(false);
  command->footer(
      "\nKeep root.key and operator.key as you would keep any key: who has the first can make\n"
      "peers, who has the second can read the users' credentials.");
  command->callback([settings] {
    create_overlay(*settings);
    std::printf("overlay %s created in %s\n", settings->name.c_str(),
                settings->directory.string().c_str());
  });
}

void add_enroll(CLI::App& overlay) {
  auto* command =
      overlay.add_subcommand("enroll", "Make the certificates and keys of one more peer");
  struct Options {
    std::filesystem::path overlay;
    std::filesystem::path out;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("--overlay", options->overlay, "What 'overlay create' wrote")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", options->out, "Where to write; must not hold a peer yet")
      ->required()
      ->type_name("PEERDIR");
  command->callback([options] {
    const auto node = enroll_peer(options->overlay, options->out);
    std::printf("peer %s enrolled in %s\n", node.to_hex().c_str(), options->out.string().c_str());
  });
}

void add_retire(CLI::App& overlay) {
  auto* command = overlay.add_subcommand(
      "retire", "Name the peer that should leave, and give its place to the next one");
  struct Options {
    std::filesystem::path overlay;
    std::string node;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("--overlay", options->overlay, "What 'overlay create' wrote")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("node", options->node,
                   "A peer that has gone for good (default: whose leaving keeps the shares most "
                   "even)")
      ->type_name("NODE-ID");
  command->footer(
      "\nThe peer itself is not told: stop it. Its certificate stays valid; to keep it out, see\n"
      "bad-node in docs/operations.md.");
  command->callback([options] {
    std::optional<NodeId> gone;
    if (!options->node.empty()) gone = must(NodeId::from_hex(options->node), "NODE-ID");
    const auto node = retire_node_id(options->overlay / "enrolled", gone);
    std::printf("%s\n", node.to_hex().c_str());
  });
}

}  // namespace

void add_overlay_commands(CLI::App& program) {
  auto* overlay = program.add_subcommand("overlay", "Make an overlay, and peers for it");
  overlay->require_subcommand(1);
  add_create(*overlay);
  add_enroll(*overlay);
  add_retire(*overlay);
}

}  // namespace carillon::app
