#include "io/udp_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <boost/asio/ip/v6_only.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/socket_address.hpp"

namespace carillon::io {
namespace {

/// Datagrams read by one call.
constexpr std::size_t batch = 16;
constexpr std::size_t datagram_size = 65'536;

/// What recvmmsg fills. Shared by all sockets, which one thread drives; its pages become real only
/// as large datagrams arrive.
struct Batch {
  std::unique_ptr<std::uint8_t[]> octets =
      std::make_unique_for_overwrite<std::uint8_t[]>(batch * datagram_size);
  std::array<iovec, batch> pieces{};
  std::array<sockaddr_storage, batch> remotes{};
  std::array<mmsghdr, batch> headers{};

  Batch() {
    for (std::size_t i = 0; i < batch; ++i) {
      pieces[i] = {octets.get() + i * datagram_size, datagram_size};
    }
  }
  void prepare() {
    for (std::size_t i = 0; i < batch; ++i) {
      headers[i].msg_hdr = {};
      headers[i].msg_hdr.msg_name = &remotes[i];
      headers[i].msg_hdr.msg_namelen = sizeof remotes[i];
      headers[i].msg_hdr.msg_iov = &pieces[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

UdpSocket::Endpoint endpoint_of(const sockaddr_storage& address, socklen_t size) {
  UdpSocket::Endpoint endpoint;
  const auto* octets = reinterpret_cast<const std::uint8_t*>(&address);
  auto* target = reinterpret_cast<std::uint8_t*>(endpoint.data());
  const auto count = std::min<std::size_t>(size, endpoint.capacity());
  std::copy_n(octets, count, target);
  return endpoint;
}

}  // namespace

UdpSocket::UdpSocket(EventLoop& loop, Events events)
    : socket_(loop.context()), events_(std::move(events)) {}

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(EventLoop& loop, const Endpoint& endpoint,
                                                   Events events) {
  auto made = std::make_unique<UdpSocket>(loop, std::move(events));
  auto& socket = made->socket_;
  boost::system::error_code error;
  boost::system::error_code ignored;
  const bool v6 = endpoint.address().is_v6();
  socket.open(endpoint.protocol(), error);
  if (!error && v6) socket.set_option(boost::asio::ip::v6_only{true}, error);
  if (!error) socket.bind(endpoint, error);
  if (!error) socket.non_blocking(true, error);
  if (!error) made->local_ = socket.local_endpoint(error);
  if (error) {
    return fail(ErrorCode::io,
                "listen on " + to_text(host_text(endpoint.address()), endpoint.port()),
                error.message());
  }
  socket.set_option(boost::asio::socket_base::receive_buffer_size{kernel_buffer_octets}, ignored);
  socket.set_option(boost::asio::socket_base::send_buffer_size{kernel_buffer_octets}, ignored);
  const int on = 1;
  (void)::setsockopt(socket.native_handle(), v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                     v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
  made->wait();
  return made;
}

void UdpSocket::wait() {
  socket_.async_wait(boost::asio::socket_base::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const auto& error) {
                       if (!error && !alive.expired()) receive_waiting();
                     });
}

void UdpSocket::receive_waiting() {
  static Batch in;
  for (int taken = 0; taken < max_datagrams_per_turn;) {
    in.prepare();
    const int count =
        ::recvmmsg(socket_.native_handle(), in.headers.data(), batch, MSG_DONTWAIT, nullptr);
    if (count < 0) {
      const bool empty = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
      read_errors();
      if (empty || !socket_.is_open()) break;
      ++taken;  // An error that is not in the queue must not keep us here.
      continue;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && socket_.is_open(); ++i) {
      const auto remote = endpoint_of(in.remotes[i], in.headers[i].msg_hdr.msg_namelen);
      events_.datagram(remote, {in.octets.get() + i * datagram_size, in.headers[i].msg_len});
    }
    taken += count;
    if (static_cast<std::size_t>(count) < batch) break;
  }
  if (socket_.is_open()) wait();
}

/// Takes what ICMP brought from the socket's error queue; each entry names where the lost datagram
/// went.
void UdpSocket::read_errors() {
  for (int i = 0; i < max_datagrams_per_turn && socket_.is_open(); ++i) {
    sockaddr_storage remote{};
    std::array<std::uint8_t, 512> control{};
    std::uint8_t octet = 0;
    iovec piece{&octet, 1};
    msghdr header{};
    header.msg_name = &remote;
    header.msg_namelen = sizeof remote;
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (::recvmsg(socket_.native_handle(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    if (header.msg_namelen > 0) events_.unreachable(endpoint_of(remote, header.msg_namelen));
  }
}

bool UdpSocket::send(const Endpoint& remote, ByteView octets) {
  // An error of an earlier datagram may be reported at this one: then it is worth a second try.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto sent = ::sendto(socket_.native_handle(), octets.data(), octets.size(), MSG_DONTWAIT,
                               remote.data(), static_cast<socklen_t>(remote.size()));
    if (sent >= 0) return true;
    if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH) return false;
  }
  return false;
}

void UdpSocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace carillon::io
