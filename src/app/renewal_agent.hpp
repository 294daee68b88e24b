#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "app/node.hpp"
#include "app/peer_settings.hpp"
#include "io/http_client.hpp"

namespace carillon::app {

/// Has the peer's certificates renewed before they end (enrollment/renewal.hpp), by the server of
/// --join, else by those that the configuration names; writes them into --dir and puts them to use,
/// while the peer serves on.
class RenewalAgent {
 public:
  static constexpr milliseconds shortest_pause{1'000};
  static constexpr milliseconds longest_pause{3'600'000};

  RenewalAgent(io::EventLoop& loop, Node& node, const PeerSettings& settings, NoticeSink log);

  void start() { look_later(); }

 private:
  void look_later();
  void look();
  /// Of `servers_`.
  void ask(std::size_t server);
  void handle_answer(const io::HttpResponse& response);
  void failed(std::size_t server, const std::string& why);

  io::EventLoop& loop_;
  Node& node_;
  std::filesystem::path directory_;
  NoticeSink log_;
  std::vector<io::HttpUrl> servers_;
  Sha256Digest root_{};
  boost::asio::steady_timer timer_;
  double jitter_;  ///< Not all at once, who were enrolled at once: 0 to 1.
  std::string last_problem_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::app
