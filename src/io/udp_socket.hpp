#pragma once

#include <functional>
#include <memory>

#include <boost/asio/ip/udp.hpp>

#include <carillon/error.hpp>

#include "base/bytes.hpp"
#include "io/event_loop.hpp"

namespace carillon::io {

/// A bound UDP socket. It reads many datagrams with one call of the system, and learns from ICMP
/// where nobody listens.
class UdpSocket {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;
  struct Events {
    std::function<void(const Endpoint& remote, ByteView octets)> datagram{};
    /// What was sent to `remote` did not get there.
    std::function<void(const Endpoint& remote)> unreachable{};
  };

  /// Datagrams taken in one turn, at most.
  static constexpr int max_datagrams_per_turn = 64;
  /// Asked of the kernel for each direction; it may grant less.
  static constexpr int kernel_buffer_octets = 4 << 20;

  /// `io` if the port is in use or not ours to use. Port 0: the system chooses one.
  [[nodiscard]] static Result<std::unique_ptr<UdpSocket>> bind(EventLoop& loop,
                                                               const Endpoint& endpoint,
                                                               Events events);

  UdpSocket(EventLoop& loop, Events events);
  [[nodiscard]] Endpoint local_endpoint() const { return local_; }
  /// False if the system did not take it: datagrams may be lost, and SIP sends them again.
  bool send(const Endpoint& remote, ByteView octets);
  void close();

 private:
  void wait();
  void receive_waiting();
  void read_errors();

  boost::asio::ip::udp::socket socket_;
  Events events_;
  Endpoint local_;
  /// A handler that was queued before we ended finds it expired.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::io
