#include "io/sip_driver.hpp"
#include "io/socket_address.hpp"

namespace carillon::io {

Result<sip::HostPort> SipDriver::listen(sip::Transport transport,
                                        const boost::asio::ip::address& address,
                                        std::uint16_t port) {
  return transport == sip::Transport::udp ? listen_datagrams(address, port)
                                          : listen_streams(transport, address, port);
}

Result<sip::HostPort> SipDriver::listen_datagrams(const boost::asio::ip::address& address,
                                                  std::uint16_t port) {
  // The core's number for the socket is known only when the socket's port is.
  const auto local = std::make_shared<sip::LocalTransportId>(sip::LocalTransportId::none);
  UdpSocket::Events events;
  events.datagram = [this, local](const UdpSocket::Endpoint& remote, ByteView octets) {
    begin_input();
    core_.handle_datagram(*local, {host_text(remote.address()), remote.port()}, octets);
    drain();
  };
  events.unreachable = [this, local](const UdpSocket::Endpoint& remote) {
    begin_input();
    core_.handle_unreachable(*local, {host_text(remote.address()), remote.port()});
    drain();
  };
  auto socket = UdpSocket::bind(loop_, {address, port}, std::move(events));
  if (!socket) return std::unexpected(socket.error());
  const auto bound = (*socket)->local_endpoint();
  sip::HostPort advertised{host_text(advertised_address(bound.address())), bound.port()};
  *local = core_.add_local_transport(sip::Transport::udp, advertised);
  datagram_sockets_[*local] = std::move(*socket);
  return advertised;
}

Result<sip::HostPort> SipDriver::listen_streams(sip::Transport transport,
                                                const boost::asio::ip::address& address,
                                                std::uint16_t port) {
  if (transport == sip::Transport::tls_peer && !peer_tls_) {
    return fail(ErrorCode::invalid_argument, "SIP between peers", "needs a certificate");
  }
  if (transport != sip::Transport::tls_peer && is_secure(transport) && !phone_tls_) {
    return fail(ErrorCode::invalid_argument, "TLS for phones", "needs a certificate");
  }
  const auto local = std::make_shared<sip::LocalTransportId>(sip::LocalTransportId::none);
  auto acceptor = Acceptor::listen(
      loop_, {address, port},
      [this, local, transport](Stream::Socket socket, const Stream::Endpoint& remote) {
        accept(transport, *local, std::move(socket), remote);
      });
  if (!acceptor) return std::unexpected(acceptor.error());
  const auto bound = (*acceptor)->local_endpoint();
  sip::HostPort advertised{host_text(advertised_address(bound.address())), bound.port()};
  *local = core_.add_local_transport(transport, advertised);
  acceptors_.push_back(std::move(*acceptor));
  return advertised;
}

void SipDriver::close_listeners() {
  for (auto& acceptor : acceptors_)
    acceptor->close();
}

}  // namespace carillon::io
