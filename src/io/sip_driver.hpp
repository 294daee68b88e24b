#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/notice.hpp"
#include "io/acceptor.hpp"
#include "io/driven_core.hpp"
#include "io/server_identities.hpp"
#include "io/stream.hpp"
#include "io/udp_socket.hpp"
#include "io/web_socket.hpp"
#include "sip/sip_core.hpp"

namespace carillon::io {

struct SipDriverLimits {
  StreamLimits phone{};
  /// A request that waits for a peer which has vanished must have time for another way.
  StreamLimits peer{.acknowledged_within = seconds{5}};
  /// Connections of other peers that have not shown a certificate yet.
  std::size_t handshakes{64};
  /// Connections of phones whose handshake is under way. Many come at once when a peer has died.
  std::size_t phone_handshakes{4'096};
  /// Accepted connections that no byte has come from.
  std::size_t silent_flows{1'024};
  seconds first_bytes_within{32};  ///< RFC 3261's 64*T1: whoever connects has something to say.
  /// Longer than any registration: a phone that is still registered has spoken meanwhile.
  seconds idle_at_most{7'800};
};

/// The sockets of a SipCore: UDP, TCP, TLS and WebSocket for phones, TLS between the peers.
class SipDriver final : public DrivenCore {
 public:
  /// Which node of the overlay a certificate chain (DER) belongs to, or why it does not.
  using IdentifyPeer = std::function<Result<NodeId>(const std::vector<Bytes>& chain)>;

  /// What is needed to speak to other peers.
  struct PeerTls {
    TlsContext context;
    IdentifyPeer identify;
  };

  /// `core` and `scheduler` must outlive the driver, which adds itself to the latter. Without `tls`
  /// there is no SIP between peers.
  SipDriver(EventLoop& loop, CoreScheduler& scheduler, sip::SipCore& core,
            std::optional<PeerTls> tls, SipDriverLimits limits, NoticeSink notices);
  ~SipDriver() override;
  SipDriver(const SipDriver&) = delete;
  SipDriver& operator=(const SipDriver&) = delete;

  /// The certificate for phones, from now on, and for those that come over WebSocket; connections
  /// that are there keep theirs. Needed before listening on `tls` and `wss`.
  void set_phone_tls(TlsContext phones, TlsContext browsers) {
    phone_tls_ = std::move(phones);
    browser_tls_ = std::move(browsers);
  }
  /// Says whom the certificates name that servers show when they connect; without it, none counts.
  void set_server_identities(ServerIdentities identities) { identities_ = std::move(identities); }
  /// For other peers, from now on. Needs what the constructor was given.
  void set_peer_tls(TlsContext context) { peer_tls_ = std::move(context); }
  /// For servers outside that we connect to; without it, none is reached under TLS.
  void set_server_tls(TlsContext context) { server_tls_ = std::move(context); }
  /// Of the WebSockets that come from now on.
  void set_web_socket_options(WebSocketOptions options) {
    web_socket_options_ = std::make_shared<const WebSocketOptions>(std::move(options));
  }

  /// Gets what the core captures.
  void set_capture(std::function<void(const sip::CaptureMessage&)> capture) {
    capture_ = std::move(capture);
  }

  /// Listens, and tells the core. The address that others can reach us at, or `io`.
  [[nodiscard]] Result<sip::HostPort> listen(sip::Transport transport,
                                             const boost::asio::ip::address& address,
                                             std::uint16_t port);
  /// Takes no new connections.
  void close_listeners();
  /// Carries out what the core wants now.
  bool drain();

  void handle_time(Now now) override;
  [[nodiscard]] bool finish_turn() override;
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const override {
    return core_.next_deadline();
  }

 private:
  struct Flow {
    std::shared_ptr<Stream> stream;
    std::unique_ptr<WebSocket> web_socket{};
    std::string expected_peer{};  ///< Of a connection that we opened.
    bool accepted{false};
    bool heard{false};
    MonotonicTime last_heard{};
  };
  /// A connection that the core does not know yet: its handshake is under way.
  struct Handshake {
    std::shared_ptr<Stream> stream;
    sip::Transport transport{};
    sip::LocalTransportId local{};
    sip::HostPort remote{};
    MonotonicTime since{};
    std::unique_ptr<WebSocket> web_socket{};
  };
  enum class HandshakeId : std::uint64_t {};

  [[nodiscard]] Result<sip::HostPort> listen_datagrams(const boost::asio::ip::address& address,
                                                       std::uint16_t port);
  [[nodiscard]] Result<sip::HostPort> listen_streams(sip::Transport transport,
                                                     const boost::asio::ip::address& address,
                                                     std::uint16_t port);
  void accept(sip::Transport transport, sip::LocalTransportId local, Stream::Socket socket,
              const Stream::Endpoint& remote);
  void accept_phone(sip::LocalTransportId local, Stream::Socket socket, sip::HostPort remote);
  void start_handshake(sip::Transport transport, sip::LocalTransportId local, Stream::Socket socket,
                       sip::HostPort remote);
  [[nodiscard]] Handshake end_handshake(HandshakeId id);
  void handshake_opened(HandshakeId id, const std::vector<Bytes>& chain);
  void handshake_bytes(HandshakeId id, ByteView octets);
  void handshake_done(HandshakeId id, const std::vector<Bytes>& chain);
  [[nodiscard]] Result<std::string> accepted_peer(const Handshake& handshake,
                                                  const std::vector<Bytes>& chain);
  [[nodiscard]] StreamEvents events_of(sip::FlowId flow);
  void peer_opened(sip::FlowId flow, const std::vector<Bytes>& chain);
  void flow_bytes(sip::FlowId flow, ByteView octets);
  void web_socket_bytes(sip::FlowId id, Flow& flow, ByteView octets);
  void flow_closed(sip::FlowId flow, const std::string& reason);
  void begin_input();

  void carry_out(sip::SendDatagram action);
  void carry_out(sip::SendOnFlow action);
  void carry_out(sip::OpenFlow action);
  void carry_out(sip::CloseFlow action);
  void carry_out(const sip::CaptureMessage& action);
  void fail_flow(sip::FlowId flow, std::string reason);
  void sweep();
  void sweep_handshakes();
  void schedule_sweep();

  EventLoop& loop_;
  CoreScheduler& scheduler_;
  sip::SipCore& core_;
  std::optional<TlsContext> peer_tls_;
  std::optional<TlsContext> phone_tls_;
  std::optional<TlsContext> browser_tls_;
  std::optional<TlsContext> server_tls_;
  std::optional<ServerIdentities> identities_;
  std::shared_ptr<const WebSocketOptions> web_socket_options_ =
      std::make_shared<const WebSocketOptions>();
  IdentifyPeer identify_;
  std::function<void(const sip::CaptureMessage&)> capture_;
  SipDriverLimits limits_;
  NoticeSink notices_;
  std::unordered_map<sip::LocalTransportId, std::unique_ptr<UdpSocket>> datagram_sockets_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<sip::FlowId, Flow> flows_;
  std::unordered_map<HandshakeId, Handshake> handshakes_;
  std::size_t peer_handshakes_{0};  ///< Among them.
  std::uint64_t last_handshake_{0};
  std::size_t silent_flows_{0};
  boost::asio::steady_timer sweep_timer_;
  Now now_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::io
