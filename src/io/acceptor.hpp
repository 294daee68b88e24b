#pragma once

#include <functional>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <carillon/error.hpp>

#include "io/event_loop.hpp"

namespace carillon::io {

/// With no descriptor left, trying again at once would only burn the processor.
inline constexpr milliseconds accept_pause{100};

/// A listening TCP socket.
class Acceptor {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;
  using OnSocket = std::function<void(boost::asio::ip::tcp::socket socket, Endpoint remote)>;

  /// Connections taken in one turn.
  static constexpr int max_accepts_per_turn = 32;

  /// `io` if the port is in use or not ours to use. Port 0: the system chooses one.
  [[nodiscard]] static Result<std::unique_ptr<Acceptor>> listen(EventLoop& loop,
                                                                const Endpoint& endpoint,
                                                                OnSocket on_socket);

  Acceptor(EventLoop& loop, OnSocket on_socket);
  [[nodiscard]] Endpoint local_endpoint() const { return local_; }
  /// Takes no further connections.
  void close();

 private:
  void wait();
  void accept_waiting();
  void pause();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  OnSocket on_socket_;
  Endpoint local_;
  /// A handler that was queued before we ended finds it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::io
