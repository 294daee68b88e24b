#pragma once

#include <memory>
#include <unordered_map>

#include "io/acceptor.hpp"
#include "io/driven_core.hpp"
#include "io/stream.hpp"
#include "peer/peer.hpp"

namespace carillon::io {

struct PeerDriverLimits {
  StreamLimits links{};
  /// Connections that have not shown a certificate yet; more are closed at once.
  std::size_t handshakes{64};
};

/// The sockets of a Peer: a listening one, and TLS connections to other nodes.
class PeerDriver final : public DrivenCore {
 public:
  /// `peer` and `scheduler` must outlive the driver, which adds itself to the latter.
  PeerDriver(EventLoop& loop, CoreScheduler& scheduler, peer::Peer& peer, TlsContext tls,
             PeerDriverLimits limits, NoticeSink notices);
  ~PeerDriver() override;
  PeerDriver(const PeerDriver&) = delete;
  PeerDriver& operator=(const PeerDriver&) = delete;

  /// What others see from now on; connections that are there stay.
  void set_tls(TlsContext tls) { tls_ = std::move(tls); }
  /// Somebody has connected. The listening socket is the program's: it has to be there before the
  /// peer, whose options name its port.
  void accepted(Stream::Socket socket, const Stream::Endpoint& remote);

  void handle_time(Now now) override { peer_.handle_time(now); }
  [[nodiscard]] bool finish_turn() override;
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const override {
    return peer_.next_deadline();
  }
  [[nodiscard]] std::size_t links() const { return links_.size(); }

 private:
  using HandshakeId = std::uint64_t;

  void handshake_done(HandshakeId handshake, const Stream::Endpoint& remote,
                      std::vector<Bytes> chain);
  [[nodiscard]] StreamEvents link_events(link::LinkId link);
  void link_closed(link::LinkId link, std::string reason);

  void carry_out(peer::OpenLink action);
  void carry_out(peer::SendBytes action);
  void carry_out(peer::CloseLink action);
  void connect(link::LinkId link, const Stream::Endpoint& remote);
  void resolve_and_connect(const peer::OpenLink& action);

  EventLoop& loop_;
  CoreScheduler& scheduler_;
  peer::Peer& peer_;
  std::optional<TlsContext> tls_;
  PeerDriverLimits limits_;
  NoticeSink notices_;
  boost::asio::ip::tcp::resolver resolver_;
  std::unordered_map<link::LinkId, std::shared_ptr<Stream>> links_;
  std::unordered_map<HandshakeId, std::shared_ptr<Stream>> handshakes_;
  HandshakeId last_handshake_{0};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace carillon::io
