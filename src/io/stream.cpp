#include "io/stream.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <boost/asio/post.hpp>
#include <sys/socket.h>

#include "io/socket_options.hpp"

namespace carillon::io {
namespace {

/// One read; what is left waits for the next turn, so that no sender starves the others.
constexpr std::size_t read_size = 64U << 10;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

std::string text_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

Stream::Stream(Key, EventLoop& loop, Socket socket, StreamLimits limits, StreamEvents events)
    : loop_(loop),
      socket_(std::move(socket)),
      deadline_(loop.context()),
      limits_(limits),
      events_(std::make_shared<StreamEvents>(std::move(events))) {}

std::shared_ptr<Stream> Stream::connect(EventLoop& loop, const Endpoint& remote,
                                        const std::optional<TlsContext>& tls, StreamLimits limits,
                                        StreamEvents events, const std::string& server_name) {
  auto stream =
      std::make_shared<Stream>(Key{}, loop, Socket{loop.context()}, limits, std::move(events));
  if (tls) stream->tls_.emplace(*tls, TlsEngine::Side::client, server_name);
  stream->start_connect(remote);
  return stream;
}

std::shared_ptr<Stream> Stream::accept(EventLoop& loop, Socket socket,
                                       const std::optional<TlsContext>& tls, StreamLimits limits,
                                       StreamEvents events) {
  auto stream = std::make_shared<Stream>(Key{}, loop, std::move(socket), limits, std::move(events));
  if (tls) stream->tls_.emplace(*tls, TlsEngine::Side::server);
  stream->start_deadline();
  boost::asio::post(loop.context(), [stream] {
    if (stream->state_ == State::connecting) stream->start();
  });
  return stream;
}

void Stream::start_connect(const Endpoint& remote) {
  start_deadline();
  socket_.async_connect(remote, [self = shared_from_this()](const auto& error) {
    if (self->state_ != State::connecting) return;
    if (error) return self->lost(error.message());
    self->start();
  });
}

void Stream::start_deadline() {
  deadline_.expires_after(limits_.open_within);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->state_ >= State::open) return;
    self->lost(self->state_ == State::connecting ? "no connection in time"
                                                 : "no handshake in time");
  });
}

void Stream::start() {
  if (const auto prepared = prepare_stream_socket(socket_, limits_.acknowledged_within);
      !prepared) {
    return lost(prepared.error().detail);
  }
  if (!tls_) {
    state_ = State::open;
    deadline_.cancel();
    wait_readable();
    return tell()->opened({});
  }
  state_ = State::handshaking;
  if (!tls_->pending().empty()) schedule_output();
  wait_readable();
}

void Stream::wait_readable() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const auto& error) {
    if (!error && self->state_ != State::closed) self->on_readable();
  });
}

void Stream::on_readable() {
  static std::array<std::uint8_t, read_size> buffer;  // One thread drives all streams.
  const auto count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
  if (count < 0 && would_block(errno)) return wait_readable();
  if (count < 0) return state_ == State::closing ? release() : lost(text_of(errno));
  if (count == 0) return state_ == State::closing ? release() : lost("closed by the other side");
  if (state_ == State::closing || take({buffer.data(), static_cast<std::size_t>(count)})) {
    wait_readable();
  }
}

/// False once nothing more is to be read.
bool Stream::take(ByteView octets) {
  if (!tls_) {
    tell()->bytes(octets);
    return state_ != State::closed;
  }
  const auto before = tls_->state();
  tls_->receive(octets);
  if (!tls_->pending().empty()) schedule_output();
  if (before == TlsEngine::State::handshaking && tls_->state() == TlsEngine::State::open) {
    state_ = State::open;
    deadline_.cancel();
    tell()->opened(tls_->peer_chain());
  }
  return take_plaintext();
}

bool Stream::take_plaintext() {
  while (state_ == State::open) {
    const auto plaintext = tls_->read();
    if (plaintext.empty()) break;
    tell()->bytes(plaintext);
  }
  if (state_ == State::closed) return false;
  if (state_ == State::closing) return true;
  if (tls_->state() == TlsEngine::State::failed) {
    end_of_turn();  // The alert says why, if it still gets through.
    if (state_ != State::closed) lost("TLS: " + tls_->error());
    return false;
  }
  if (tls_->state() == TlsEngine::State::closed) {
    lost("closed by the other side");
    return false;
  }
  if (!tls_->pending().empty()) schedule_output();
  return true;
}

void Stream::replace_events(StreamEvents events) {
  events_ = std::make_shared<StreamEvents>(std::move(events));
}

void Stream::send(ByteView octets) {
  if (state_ != State::open) return;
  if (pending().size() + octets.size() > limits_.queued_octets) {
    return lost_later("its queue is full: it does not read what we send");
  }
  if (!tls_) {
    append(plain_out_, octets);
  } else if (!tls_->write(octets)) {
    return lost_later("TLS: " + tls_->error());
  }
  schedule_output();
}

void Stream::schedule_output() {
  if (output_scheduled_ || waiting_writable_) return;
  output_scheduled_ = true;
  loop_.send_at_end_of_turn(weak_from_this());
}

ByteView Stream::pending() const {
  if (tls_) return tls_->pending();
  return ByteView{plain_out_}.subspan(plain_sent_);
}

void Stream::consume(std::size_t count) {
  if (tls_) return tls_->consume(count);
  plain_sent_ += count;
  if (plain_sent_ < plain_out_.size()) return;
  plain_out_.clear();
  plain_sent_ = 0;
}

void Stream::end_of_turn() {
  output_scheduled_ = false;
  if (state_ == State::closed || state_ == State::connecting) return;
  while (!pending().empty()) {
    const auto octets = pending();
    const auto count = ::send(socket_.native_handle(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count < 0 && would_block(errno)) return wait_writable();
    if (count < 0) return state_ == State::closing ? release() : lost_later(text_of(errno));
    consume(static_cast<std::size_t>(count));
  }
  if (state_ == State::closing) finish_closing();
}

void Stream::wait_writable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const auto& error) {
    self->waiting_writable_ = false;
    if (!error) self->end_of_turn();
  });
}

void Stream::close() {
  silenced_ = true;
  if (state_ != State::open) return abort();
  state_ = State::closing;
  if (tls_) tls_->shut_down();
  // Held until the other side has closed, too, or the time is up: a reset could overtake the data.
  deadline_.expires_after(limits_.drain_within);
  deadline_.async_wait([self = shared_from_this()](const auto&) { self->release(); });
  schedule_output();
}

void Stream::finish_closing() {
  boost::system::error_code ignored;  // Whoever has gone already cannot be told.
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::abort() {
  silenced_ = true;
  if (state_ == State::closed) return;
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
  release();
}

/// From a handler of ours, where events may be told at once.
void Stream::lost(std::string reason) {
  if (state_ == State::closed) return;
  release();
  if (!silenced_) tell()->closed(std::move(reason));
}

/// From inside somebody's call.
void Stream::lost_later(std::string reason) {
  if (state_ == State::closed) return;
  release();
  boost::asio::post(loop_.context(), [self = shared_from_this(), reason = std::move(reason)] {
    if (!self->silenced_) self->tell()->closed(reason);
  });
}

void Stream::release() {
  state_ = State::closed;
  deadline_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace carillon::io
