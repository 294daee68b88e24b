#include "app/heat_agent.hpp"

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>

#include "app/failure.hpp"
#include "io/files.hpp"

namespace carillon::app {
namespace {

constexpr int max_redirections = 3;
constexpr milliseconds heat_within{20'000};
constexpr unsigned unauthorized = 401;
constexpr unsigned not_found = 404;
constexpr std::string_view revoked = "Heat has revoked our credentials";

std::string header_of(const io::HttpResponse& response, std::string_view name) {
  const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
  for (const auto& [key, value] : response.headers) {
    if (std::ranges::equal(key, name, same)) return value;
  }
  return {};
}

}  // namespace

HeatAgent::HeatAgent(io::EventLoop& loop, const std::filesystem::path& node,
                     std::filesystem::path handled, Hooks hooks, NoticeSink log)
    : loop_(loop),
      handled_path_(std::move(handled)),
      hooks_(std::move(hooks)),
      log_(std::move(log)),
      timer_(loop.context()) {
  try {
    node_ = read_heat_node(must(io::read_file(node), "--heat"));
  } catch (const nlohmann::json::exception& error) {
    throw Failure(node.string() + ": is not what Heat gives a server: " + error.what());
  }
  polling_.account = node_.account;
  const auto text = io::read_file(handled_path_);
  std::istringstream lines(text ? *text : std::string{});
  for (std::string line; std::getline(lines, line);)
    handled_.insert(line);
}

void HeatAgent::poll_later(milliseconds pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this](const auto& error) {
    if (error) return;
    if (answering_ && !text_.empty()) return signal();
    poll();
  });
}

void HeatAgent::poll() {
  authenticate(polling_, [this] {
    ask(question(polling_, "GET",
                 polling_.endpoint + "/stacks/" + node_.stack_id + "/resources/" +
                     node_.resource_name + "/metadata"),
        [this](const io::HttpResponse& response) {
          if (response.status == unauthorized) polling_.token.clear();
          if (response.status == not_found && has_left_) return let_go("Heat has deleted us");
          if (response.status != 200) {
            return problem("Heat answers " + std::to_string(response.status));
          }
          last_problem_.clear();
          handle_metadata(response.body);
        });
  });
}

void HeatAgent::handle_metadata(const std::string& metadata) {
  try {
    for (const auto& deployment : read_deployments(metadata, deployment_name)) {
      if (handled_.contains(deployment.id)) continue;
      // A peer that has not joined yet has nothing to say to anything but a DELETE.
      if (deployment.action != "DELETE" && !hooks_.has_joined()) continue;
      return act(deployment);
    }
  } catch (const Failure& failure) {
    return problem(failure.what());
  } catch (const nlohmann::json::exception& error) {
    return problem(std::string("Heat's metadata: ") + error.what());
  }
  poll_later(poll_interval);
}

void HeatAgent::act(const HeatDeployment& deployment) {
  answering_ = deployment;
  text_.clear();
  signalling_ = {.account = deployment.account.value_or(node_.account),
                 .region = deployment.region};
  log_({Severity::info, "Heat says " + deployment.action});
  if (deployment.action != "DELETE") {
    text_ = "the peer has joined";
    return signal();
  }
  hooks_.leave([this, alive = std::weak_ptr(alive_)](const Result<void>& left) {
    if (alive.expired()) return;
    has_left_ = true;
    // Whatever is not in order now cannot be mended by keeping the server: the answer is 0.
    text_ = left ? "the peer has left" : "the peer has left: " + left.error().message();
    signal();
  });
}

void HeatAgent::signal() {
  if (!answering_->signal_url.empty()) {
    return ask(question({}, answering_->signal_method, answering_->signal_url),
               [this](const io::HttpResponse& response) { signalled(response); });
  }
  authenticate(signalling_, [this] {
    ask(question(signalling_, "POST",
                 signalling_.endpoint + "/stacks/" + answering_->stack_id + "/resources/" +
                     answering_->resource_name + "/signal"),
        [this](const io::HttpResponse& response) { signalled(response); });
  });
}

void HeatAgent::signalled(const io::HttpResponse& response) {
  if (response.status == unauthorized && has_left_) return let_go(revoked);
  if (response.status / 100 != 2) {
    if (response.status == unauthorized) signalling_.token.clear();
    return problem("Heat answers a signal with " + std::to_string(response.status));
  }
  log_({Severity::info, "Heat knows: " + text_});
  remember(answering_->id);
  answering_.reset();
  text_.clear();
  poll_later(retry_pause);
}

/// Credentials are revoked when the server goes: then Heat waits for nothing any more.
void HeatAgent::let_go(std::string_view why) {
  log_({Severity::info, std::string(why)});
  if (answering_) remember(answering_->id);
  answering_.reset();
  has_let_go_ = true;
}

void HeatAgent::authenticate(Session& session, std::function<void()> then) {
  if (!session.token.empty()) return then();
  const auto url = io::HttpUrl::parse(token_url(session.account));
  if (!url) return problem(url.error().message());
  io::HttpQuestion request{.url = *url,
                           .method = "POST",
                           .content_type = "application/json",
                           .accept = "application/json",
                           .body = token_request(session.account),
                           .within = heat_within};
  ask(std::move(request),
      [this, &session, then = std::move(then)](const io::HttpResponse& response) {
        if (response.status == unauthorized && has_left_) return let_go(revoked);
        if (response.status / 100 != 2) {
          return problem("Keystone answers " + std::to_string(response.status));
        }
        try {
          session.endpoint = heat_endpoint(response.body, session.region);
          session.token = header_of(response, "X-Subject-Token");
        } catch (const std::exception& error) {
          return problem(error.what());
        }
        if (session.token.empty()) return problem("Keystone gives no token");
        then();
      });
}

io::HttpQuestion HeatAgent::question(const Session& session, const std::string& method,
                                     const std::string& url) const {
  io::HttpQuestion question{.method = method, .accept = "application/json", .within = heat_within};
  const auto parsed = io::HttpUrl::parse(url);
  if (parsed) question.url = *parsed;  // Else there is no host, which `ask` tells.
  if (!session.token.empty()) question.headers.emplace_back("X-Auth-Token", session.token);
  if (method != "GET") {
    question.content_type = "application/json";
    question.body = signal_body(text_);
  }
  return question;
}

void HeatAgent::ask(io::HttpQuestion question, Answered answered, int redirections) {
  auto again = question;
  io::ask_http(
      loop_.context(), std::move(question),
      [this, alive = std::weak_ptr(alive_), again = std::move(again),
       answered = std::move(answered), redirections](Result<io::HttpResponse> response) mutable {
        if (alive.expired()) return;
        if (!response) return problem(response.error().message());
        const auto location = header_of(*response, "Location");
        const bool moved = response->status / 100 == 3 && !location.empty();
        if (!moved) return answered(*std::move(response));
        const auto url = io::HttpUrl::parse(location);
        // A token is not carried to another host.
        if (!url || redirections == max_redirections || url->host != again.url.host) {
          return problem("Heat sends us to " + location);
        }
        again.url = *url;
        ask(std::move(again), std::move(answered), redirections + 1);
      });
}

void HeatAgent::problem(const std::string& what) {
  if (what != last_problem_) log_({Severity::warning, "--heat: " + what});
  last_problem_ = what;
  poll_later(answering_ ? retry_pause : poll_interval);
}

void HeatAgent::remember(const std::string& id) {
  handled_.insert(id);
  std::string text;
  for (const auto& one : handled_)
    text += one + "\n";
  if (const auto kept = io::write_file(handled_path_, as_bytes(text), io::FileMode::secret);
      !kept) {
    log_({Severity::error, kept.error().message()});
  }
}

}  // namespace carillon::app
