#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/enrollment_service.hpp"
#include "app/failure.hpp"
#include "app/logging.hpp"
#include "app/overlay_files.hpp"
#include "app/token_key_file.hpp"
#include "io/clocks.hpp"
#include "io/event_loop.hpp"
#include "io/files.hpp"
#include "io/service_manager.hpp"

namespace carillon::app {
namespace {

void serve_enrollment(const EnrollmentSettings& settings, const std::string& log_level) {
  io::EventLoop loop;
  const EnrollmentService service(loop, settings, make_log(log_level));
  io::ServiceManager manager;
  loop.on_termination([&loop](int) { loop.stop(); });
  const nlohmann::ordered_json ready{{"https", service.address()}};
  std::printf("ready %s\n", ready.dump().c_str());
  std::fflush(stdout);
  manager.ready("enrolls peers at " + service.address());
  loop.run();
  manager.stopping("");
}

void define_server(CLI::App& program) {
  auto* command = program.add_subcommand("enrollment-server",
                                         "Enroll newcomers over HTTPS (RFC 6940, 11.2 and 11.3)");
  const auto settings = std::make_shared<EnrollmentSettings>();
  const auto log_level = std::make_shared<std::string>("info");
  command->add_option("--overlay", settings->overlay, "What 'overlay create' wrote")
      ->required()
      ->envname("CARILLON_OVERLAY")
      ->type_name("DIR");
  command->add_option("--listen", settings->listen, "Where newcomers ask")
      ->required()
      ->envname("CARILLON_ENROLLMENT_LISTEN")
      ->type_name("HOST:PORT");
  command->add_option("--control", settings->control, "The control socket of a peer beside it")
      ->required()
      ->envname("CARILLON_CONTROL")
      ->type_name("PATH");
  command
      ->add_option("--host", settings->hosts,
                   "A host name or address that newcomers know it by; may be given again")
      ->envname("CARILLON_ENROLLMENT_HOST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("HOST");
  auto* certificate =
      command
          ->add_option("--certificate", settings->certificate,
                       "PEM, own first (default: one is made from the overlay's root, which who\n"
                       "has a token trusts)")
          ->type_name("FILE");
  auto* key = command->add_option("--key", settings->key, "Of --certificate, PEM")
                  ->needs(certificate)
                  ->type_name("FILE");
  certificate->needs(key);
  const auto lifetime = std::make_shared<std::int64_t>(security::node_lifetime.count());
  command
      ->add_option("--certificate-lifetime", *lifetime,
                   "How long certificates of peers are good, in seconds; peers renew them in time")
      ->check(CLI::Range(std::int64_t{10}, std::int64_t{security::node_lifetime.count()}))
      ->envname("CARILLON_CERTIFICATE_LIFETIME")
      ->capture_default_str()
      ->type_name("S");
  command->add_option("--log-level", *log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->envname("CARILLON_LOG_LEVEL")
      ->capture_default_str()
      ->type_name("LEVEL");
  command->callback([settings, lifetime, log_level] {
    settings->lifetime = seconds{*lifetime};
    serve_enrollment(*settings, *log_level);
  });
}

struct TokenOptions {
  std::filesystem::path overlay;
  std::int64_t lifetime_s{3'600};
  unsigned count{1};
  bool group{false};
};

void add_tokens(const TokenOptions& options) {
  io::SecureRandom random;
  const auto root = read_root(options.overlay);
  const auto key = token_key(options.overlay, random);
  const auto expires = io::read_clocks().wall + seconds{options.lifetime_s};
  for (unsigned i = 0; i < options.count; ++i) {
    const auto text = options.group
                          ? GroupToken::create(key, root->digest(), expires, random).text()
                          : Token::create(key, root->digest(), expires, random).text();
    std::printf("%s\n", text.c_str());
  }
}

void define_token(CLI::App& program) {
  auto* token = program.add_subcommand("token", "One-time tokens, with which newcomers enroll");
  token->require_subcommand(1);
  auto* command =
      token->add_subcommand("add", "Print a new token; whoever has it may become a peer");
  const auto options = std::make_shared<TokenOptions>();
  command->add_option("--overlay", options->overlay, "What 'overlay create' wrote")
      ->required()
      ->envname("CARILLON_OVERLAY")
      ->type_name("DIR");
  command->add_option("--lifetime", options->lifetime_s, "How long it is good, in seconds")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{366} * 86'400))
      ->capture_default_str()
      ->type_name("S");
  command->add_option("--count", options->count, "So many, one a line")
      ->check(CLI::Range(1U, 10'000U))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--group", options->group,
                    "For an autoscaling group: each member makes a one-time token from it");
  command->callback([options] { add_tokens(*options); });
}

}  // namespace

void add_enrollment_commands(CLI::App& program) {
  define_server(program);
  define_token(program);
}

}  // namespace carillon::app
