#include "app/renewal_agent.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "app/enrollment/renewal.hpp"
#include "app/failure.hpp"
#include "app/form_question.hpp"
#include "app/overlay_files.hpp"
#include "io/clocks.hpp"
#include "io/files.hpp"

namespace carillon::app {
namespace {

std::vector<io::HttpUrl> renewal_servers(const PeerSettings& settings,
                                         const config::OverlayConfiguration& overlay) {
  auto texts = overlay.enrollment_servers;
  if (!settings.enrolling.url.empty()) texts.insert(texts.begin(), settings.enrolling.url);
  std::vector<io::HttpUrl> servers;
  for (const auto& text : texts) {
    if (auto url = io::HttpUrl::parse_https(text)) {
      url->path = renewal_path;
      servers.push_back(*std::move(url));
    }
  }
  return servers;
}

security::KeyPair key_of(const std::filesystem::path& path) {
  return must(security::KeyPair::from_pem(must(io::read_file(path))), path.string());
}

}  // namespace

RenewalAgent::RenewalAgent(io::EventLoop& loop, Node& node, const PeerSettings& settings,
                           NoticeSink log)
    : loop_(loop),
      node_(node),
      directory_(settings.directory),
      log_(std::move(log)),
      servers_(renewal_servers(settings, node.peer().configuration().configuration())),
      timer_(loop.context()) {
  const auto root = directory_ / "root.crt";
  root_ =
      must(security::Certificate::parse_pem(must(io::read_file(root))), root.string())->digest();
  io::SecureRandom random;
  jitter_ = static_cast<double>(random.u64() % 1'000) / 1e3;
}

void RenewalAgent::look_later() {
  const auto now = io::read_clocks().wall;
  const auto due = renewal_due(node_.certificate());
  const auto left = node_.certificate().not_after() - due;
  auto pause =
      std::chrono::duration_cast<milliseconds>(left / 20);  // It is due, and did not succeed.
  if (now < due) {
    // In the first half of the quarter that is left.
    pause = std::chrono::duration_cast<milliseconds>(due - now + left / 2 * jitter_);
  }
  timer_.expires_after(std::clamp(pause, shortest_pause, longest_pause));
  timer_.async_wait([this](const auto& error) {
    if (!error) look();
  });
}

void RenewalAgent::look() {
  if (io::read_clocks().wall < renewal_due(node_.certificate())) return look_later();
  if (servers_.empty()) {
    return failed(0, "nobody is known who would renew it; see --join, or enroll this peer anew");
  }
  ask(0);
}

void RenewalAgent::ask(std::size_t server) {
  try {
    const auto node_key = key_of(directory_ / "node.key");
    const auto registrar_key = key_of(directory_ / "registrar-ca.key");
    const auto form = must(renewal_form({node_.certificate(), node_key, registrar_key}));
    io::ask_http(
        loop_.context(), form_question(servers_[server], root_, form),
        [this, server, alive = std::weak_ptr(alive_)](Result<io::HttpResponse> answer) {
          if (alive.expired()) return;
          if (!answer) return failed(server, answer.error().message());
          if (answer->status != 200) {
            return failed(server, std::to_string(answer->status) + " " + answer->body);
          }
          try {
            handle_answer(*answer);
          } catch (const std::exception& error) {  // Of JSON, of files: as bad as no answer.
            failed(server, error.what());
          }
        });
  } catch (const Failure& failure) {
    failed(server, failure.what());
  }
}

void RenewalAgent::handle_answer(const io::HttpResponse& response) {
  const auto json = nlohmann::json::parse(response.body);
  const auto node = json.at("certificate").get<std::string>();
  const auto ca = json.at("registrar_ca").get<std::string>();
  node_.scheduler().begin_input();
  node_.renew_certificates(node, ca);
  must(io::write_file(directory_ / "registrar-ca.crt", as_bytes(ca), io::FileMode::shared));
  must(io::write_file(directory_ / "node.crt", as_bytes(node), io::FileMode::shared));
  last_problem_.clear();
  log_({Severity::info, "the certificates were renewed"});
  look_later();
}

void RenewalAgent::failed(std::size_t server, const std::string& why) {
  if (server + 1 < servers_.size()) return ask(server + 1);
  const auto left =
      std::chrono::duration_cast<seconds>(node_.certificate().not_after() - io::read_clocks().wall);
  if (why != last_problem_) {
    log_({Severity::error, "the certificate ends in " + std::to_string(left.count()) +
                               " s and is not renewed: " + why});
  }
  last_problem_ = why;
  look_later();
}

}  // namespace carillon::app
