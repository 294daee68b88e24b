#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/bytes.hpp"
#include "io/event_loop.hpp"
#include "io/tls_engine.hpp"

namespace carillon::io {

struct StreamLimits {
  milliseconds open_within{5'000};           ///< Connecting and the TLS handshake together.
  milliseconds acknowledged_within{30'000};  ///< By the other side's kernel; else it is gone.
  milliseconds drain_within{2'000};          ///< What is queued at `close` has so long to go out.
  std::size_t queued_octets{std::size_t{4} << 20};  ///< Not yet taken by the network.
};

/// What happens to a stream. Each runs from the loop, never from inside a call to the stream.
struct StreamEvents {
  /// Once, when it can be written to. `chain`: under TLS the other side's certificates (DER, its
  /// own first), of which it has proved that it holds the key, and nothing else.
  std::function<void(std::vector<Bytes> chain)> opened{};
  std::function<void(ByteView octets)> bytes{};
  /// Once, last, unless we closed it ourselves. Also when it could not be opened.
  std::function<void(std::string reason)> closed{};
};

/// One TCP connection, plain or under TLS. What is sent during a turn goes out together at its end;
/// under TLS every `send` is a record of its own.
class Stream final : public TurnOutput, public std::enable_shared_from_this<Stream> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Endpoint = boost::asio::ip::tcp::endpoint;
  class Key {  // Only the two functions below make streams.
    friend class Stream;
    Key() = default;
  };

  /// `tls` nothing: plain TCP. `server_name`: see TlsEngine.
  static std::shared_ptr<Stream> connect(EventLoop& loop, const Endpoint& remote,
                                         const std::optional<TlsContext>& tls, StreamLimits limits,
                                         StreamEvents events, const std::string& server_name = {});
  static std::shared_ptr<Stream> accept(EventLoop& loop, Socket socket,
                                        const std::optional<TlsContext>& tls, StreamLimits limits,
                                        StreamEvents events);

  Stream(Key, EventLoop& loop, Socket socket, StreamLimits limits, StreamEvents events);

  /// Queues; only once opened. What exceeds the queue's limit breaks the connection: the other side
  /// does not read what we send.
  void send(ByteView octets);
  /// Sends what is queued, then closes in order. No event follows.
  void close();
  /// Closes at once; the other side sees a reset. No event follows.
  void abort();

  /// From now on these are told instead of those given at first.
  void replace_events(StreamEvents events);

  [[nodiscard]] bool is_open() const { return state_ == State::open; }

  void end_of_turn() override;

 private:
  enum class State : std::uint8_t { connecting, handshaking, open, closing, closed };

  void start_connect(const Endpoint& remote);
  void start_deadline();
  void start();
  void wait_readable();
  void on_readable();
  [[nodiscard]] bool take(ByteView octets);
  [[nodiscard]] bool take_plaintext();
  void wait_writable();
  void schedule_output();
  [[nodiscard]] ByteView pending() const;
  void consume(std::size_t count);
  void finish_closing();
  void lost(std::string reason);
  void lost_later(std::string reason);
  void release();
  [[nodiscard]] std::shared_ptr<StreamEvents> tell() const { return events_; }

  EventLoop& loop_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  StreamLimits limits_;
  /// Shared with the call that is running when they are replaced.
  std::shared_ptr<StreamEvents> events_;
  std::optional<TlsEngine> tls_;
  Bytes plain_out_;            ///< What waits, without TLS;
  std::size_t plain_sent_{0};  ///< so much of it is gone.
  State state_{State::connecting};
  bool output_scheduled_{false};
  bool waiting_writable_{false};
  bool silenced_{false};  ///< Closed by us: nothing is told any more.
};

}  // namespace carillon::io
