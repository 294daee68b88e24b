#include "io/acceptor.hpp"

#include <chrono>

#include <boost/asio/ip/v6_only.hpp>

#include "io/socket_address.hpp"

namespace carillon::io {

Acceptor::Acceptor(EventLoop& loop, OnSocket on_socket)
    : acceptor_(loop.context()), retry_(loop.context()), on_socket_(std::move(on_socket)) {}

Result<std::unique_ptr<Acceptor>> Acceptor::listen(EventLoop& loop, const Endpoint& endpoint,
                                                   OnSocket on_socket) {
  auto made = std::make_unique<Acceptor>(loop, std::move(on_socket));
  auto& acceptor = made->acceptor_;
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address{true}, error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(boost::asio::ip::v6_only{true}, error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) made->local_ = acceptor.local_endpoint(error);
  if (error) {
    return fail(ErrorCode::io,
                "listen on " + to_text(host_text(endpoint.address()), endpoint.port()),
                error.message());
  }
  made->wait();
  return made;
}

void Acceptor::wait() {
  acceptor_.async_wait(boost::asio::socket_base::wait_read,
                       [this, alive = std::weak_ptr(alive_)](const auto& error) {
                         if (!error && !alive.expired()) accept_waiting();
                       });
}

void Acceptor::accept_waiting() {
  for (int i = 0; i < max_accepts_per_turn; ++i) {
    boost::system::error_code error;
    Endpoint remote;
    auto socket = acceptor_.accept(remote, error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) break;
    if (error == boost::asio::error::connection_aborted) continue;
    if (error) return pause();
    on_socket_(std::move(socket), remote);
    if (!acceptor_.is_open()) return;
  }
  wait();
}

void Acceptor::pause() {
  retry_.expires_after(accept_pause);
  retry_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
    if (!error && !alive.expired()) wait();
  });
}

void Acceptor::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
}

}  // namespace carillon::io
