#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "app/heat_metadata.hpp"
#include "base/notice.hpp"
#include "io/event_loop.hpp"
#include "io/http_client.hpp"

namespace carillon::app {

/// The node's side of an OpenStack autoscaling group (deploy/heat/README.md): asks Heat now and
/// then what there is to do, answers CREATE once the peer has joined, and DELETE once it has left.
/// Heat holds the server until then. Who has left goes on asking until Heat has let go: if it had
/// given up waiting, or cannot delete the server, it says DELETE once more later, and would wait in
/// vain.
class HeatAgent {
 public:
  /// The name of the deployment that is meant for us, in deploy/heat/peer.yaml.
  static constexpr const char* deployment_name = "carillon-lifecycle";
  static constexpr milliseconds poll_interval{5'000};
  static constexpr milliseconds retry_pause{1'000};
  /// A signal of one who has left, and is told to end, is not tried for longer.
  static constexpr milliseconds farewell_within{30'000};

  struct Hooks {
    std::function<bool()> has_joined;
    /// Makes the peer leave; `left` runs with how it went, as often as it is asked.
    std::function<void(std::function<void(Result<void>)> left)> leave;
  };

  /// `node`: the file of --heat. `handled`: where the ids of what was answered are remembered.
  /// Throws Failure.
  HeatAgent(io::EventLoop& loop, const std::filesystem::path& node, std::filesystem::path handled,
            Hooks hooks, NoticeSink log);

  void start() { poll(); }
  /// Something was done, and Heat has not been told yet.
  [[nodiscard]] bool owes_an_answer() const { return answering_.has_value(); }
  /// After leaving: our credentials are revoked, or the server is not Heat's any more.
  [[nodiscard]] bool has_let_go() const { return has_let_go_; }

 private:
  using Answered = std::function<void(io::HttpResponse)>;
  /// Who asks, and what he was given.
  struct Session {
    HeatAccount account{};
    std::string region{};
    std::string token{};
    std::string endpoint{};
  };

  void poll();
  void poll_later(milliseconds pause);
  void handle_metadata(const std::string& metadata);
  void act(const HeatDeployment& deployment);
  void signal();
  void signalled(const io::HttpResponse& response);
  void let_go(std::string_view why);

  /// Gets a token for the session if it has none; then runs `then`.
  void authenticate(Session& session, std::function<void()> then);
  /// Follows redirections; `answered` runs for any answer, `problem` otherwise.
  void ask(io::HttpQuestion question, Answered answered, int redirections = 0);
  void problem(const std::string& what);
  [[nodiscard]] io::HttpQuestion question(const Session& session, const std::string& method,
                                          const std::string& url) const;
  void remember(const std::string& id);

  io::EventLoop& loop_;
  std::filesystem::path handled_path_;
  Hooks hooks_;
  NoticeSink log_;
  HeatNode node_;
  boost::asio::steady_timer timer_;
  std::set<std::string> handled_;
  Session polling_;
  Session signalling_;
  std::optional<HeatDeployment> answering_;
  bool has_left_{false};
  bool has_let_go_{false};
  std::string text_;  ///< What the answer says.
  std::string last_problem_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::app
