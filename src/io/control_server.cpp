#include "io/control_server.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/acceptor.hpp"

namespace carillon::io {
namespace {

namespace fs = std::filesystem;
using Protocol = boost::asio::local::stream_protocol;

/// One of the operator's commands, from its connecting to its end.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using OnEnd = std::function<void(const std::shared_ptr<Connection>&)>;

  Connection(Protocol::socket socket, ControlServer::OnLine on_line, OnEnd on_end)
      : socket_(std::move(socket)),
        idle_(socket_.get_executor()),
        on_line_(std::move(on_line)),
        on_end_(std::move(on_end)) {}

  void read_line() {
    idle_.expires_after(ControlServer::idle_at_most);
    idle_.async_wait([weak = weak_from_this()](const auto& error) {
      if (const auto self = weak.lock(); self && !error) self->end();
    });
    boost::asio::async_read_until(
        socket_, boost::asio::dynamic_buffer(in_, ControlServer::max_line_octets), '\n',
        [self = shared_from_this()](const auto& error, std::size_t size) {
          if (error) return self->end();
          self->take_line(size);
        });
  }

  void close() {
    idle_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  [[nodiscard]] bool has_unsent() const { return !out_.empty(); }

 private:
  void take_line(std::size_t size) {
    idle_.cancel();
    std::string line = in_.substr(0, size - 1);
    in_.erase(0, size);
    on_line_(std::move(line), [weak = weak_from_this()](std::string reply) {
      if (const auto self = weak.lock()) self->answer(std::move(reply));
    });
  }

  void answer(std::string reply) {
    out_ = std::move(reply) + "\n";
    boost::asio::async_write(socket_, boost::asio::buffer(out_),
                             [self = shared_from_this()](const auto& error, std::size_t) {
                               self->out_.clear();
                               if (error) return self->end();
                               self->read_line();
                             });
  }

  void end() {
    close();
    on_end_(shared_from_this());
  }

  Protocol::socket socket_;
  boost::asio::steady_timer idle_;
  ControlServer::OnLine on_line_;
  OnEnd on_end_;
  std::string in_;
  std::string out_;
};

/// Takes a dead process's socket out of the way; never a file of another kind, and never the socket
/// of one that lives.
Result<void> make_way(EventLoop& loop, const fs::path& path) {
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_socket(status)) return fail(ErrorCode::io, path.string(), "is not a socket");
  Protocol::socket probe(loop.context());
  boost::system::error_code refused;
  probe.connect(Protocol::endpoint{path.string()}, refused);
  if (!refused) return fail(ErrorCode::busy, path.string(), "another process answers there");
  fs::remove(path, error);
  if (error) return fail(ErrorCode::io, path.string(), error.message());
  return {};
}

}  // namespace

class ControlServer::Implementation {
 public:
  Implementation(EventLoop& loop, fs::path path, OnLine on_line)
      : acceptor_(loop.context()),
        retry_(loop.context()),
        path_(std::move(path)),
        on_line_(std::move(on_line)) {}
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;
  ~Implementation() {
    for (const auto& connection : connections_)
      connection->close();
    if (acceptor_.is_open()) ::unlink(path_.c_str());
  }

  Result<void> listen() {
    boost::system::error_code error;
    acceptor_.open(Protocol{}, error);
    if (!error) {
      // The socket must not be open to others even for a moment.
      const auto before = ::umask(0177);
      acceptor_.bind(Protocol::endpoint{path_.string()}, error);
      ::umask(before);
    }
    if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error) {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      return fail(ErrorCode::io, path_.string(), error.message());
    }
    accept();
    return {};
  }

  [[nodiscard]] bool has_unsent() const {
    return std::ranges::any_of(connections_, [](const auto& one) { return one->has_unsent(); });
  }

 private:
  void accept() {
    acceptor_.async_accept([this, alive = std::weak_ptr(alive_)](const auto& error, auto socket) {
      if (alive.expired() || error == boost::asio::error::operation_aborted) return;
      if (error) return pause();
      if (connections_.size() < max_connections) {
        const auto connection = std::make_shared<Connection>(
            std::move(socket), on_line_, [this, alive](const std::shared_ptr<Connection>& ended) {
              if (!alive.expired()) connections_.erase(ended);
            });
        connections_.insert(connection);
        connection->read_line();
      }
      accept();
    });
  }

  void pause() {
    retry_.expires_after(accept_pause);
    retry_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
      if (!error && !alive.expired()) accept();
    });
  }

  Protocol::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  fs::path path_;
  OnLine on_line_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Result<std::unique_ptr<ControlServer>> ControlServer::listen(EventLoop& loop, const fs::path& path,
                                                             OnLine on_line) {
  if (path.string().size() >= sizeof(sockaddr_un{}.sun_path)) {
    return fail(ErrorCode::invalid_argument, path.string(), "is too long for a Unix socket");
  }
  if (auto free = make_way(loop, path); !free) return std::unexpected(free.error());
  auto implementation = std::make_unique<Implementation>(loop, path, std::move(on_line));
  if (auto listening = implementation->listen(); !listening) {
    return std::unexpected(listening.error());
  }
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(implementation)));
}

ControlServer::ControlServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

ControlServer::~ControlServer() = default;

bool ControlServer::has_unsent() const {
  return implementation_->has_unsent();
}

}  // namespace carillon::io
