#include "io/peer_driver.hpp"

#include <boost/asio/post.hpp>

#include "io/socket_address.hpp"

namespace carillon::io {

PeerDriver::PeerDriver(EventLoop& loop, CoreScheduler& scheduler, peer::Peer& peer, TlsContext tls,
                       PeerDriverLimits limits, NoticeSink notices)
    : loop_(loop),
      scheduler_(scheduler),
      peer_(peer),
      tls_(std::move(tls)),
      limits_(limits),
      notices_(std::move(notices)),
      resolver_(loop.context()) {
  scheduler_.add_core(*this);
}

PeerDriver::~PeerDriver() {
  scheduler_.remove_core(*this);
  for (auto& [id, stream] : links_)
    stream->abort();
  for (auto& [id, stream] : handshakes_)
    stream->abort();
}

bool PeerDriver::finish_turn() {
  // A failed sync was told by the peer to all who waited for it, and to the log.
  (void)peer_.flush();
  bool worked = false;
  while (auto action = peer_.poll_action()) {
    worked = true;
    std::visit([this](auto&& what) { carry_out(std::forward<decltype(what)>(what)); },
               *std::move(action));
  }
  // Who has heard may have called the overlay again: that is of this turn, too.
  return peer_.run_completions() || worked;
}

// Links that others open.

void PeerDriver::accepted(Stream::Socket socket, const Stream::Endpoint& remote) {
  if (handshakes_.size() >= limits_.handshakes) return;  // The socket closes as it is dropped.
  const auto handshake = ++last_handshake_;
  StreamEvents events;
  events.opened = [this, handshake, remote](std::vector<Bytes> chain) {
    handshake_done(handshake, remote, std::move(chain));
  };
  events.bytes = [](ByteView) {};  // None come before the events are replaced.
  events.closed = [this, handshake, remote](const std::string& reason) {
    handshakes_.erase(handshake);
    if (!notices_) return;
    notices_({Severity::debug, "connection from " +
                                   to_text(host_text(remote.address()), remote.port()) +
                                   " failed: " + reason});
  };
  handshakes_[handshake] =
      Stream::accept(loop_, std::move(socket), tls_, limits_.links, std::move(events));
}

void PeerDriver::handshake_done(HandshakeId handshake, const Stream::Endpoint& remote,
                                std::vector<Bytes> chain) {
  const auto stream = handshakes_.extract(handshake).mapped();
  scheduler_.begin_input();
  const auto link =
      peer_.handle_link_accepted({host_text(remote.address()), remote.port()}, std::move(chain));
  if (link == link::LinkId::none) return stream->abort();
  stream->replace_events(link_events(link));
  links_[link] = stream;
}

StreamEvents PeerDriver::link_events(link::LinkId link) {
  StreamEvents events;
  events.opened = [this, link](std::vector<Bytes> chain) {
    scheduler_.begin_input();
    peer_.handle_link_opened(link, std::move(chain));
  };
  events.bytes = [this, link](ByteView octets) {
    scheduler_.begin_input();
    peer_.handle_link_bytes(link, octets);
  };
  events.closed = [this, link](std::string reason) { link_closed(link, std::move(reason)); };
  return events;
}

void PeerDriver::link_closed(link::LinkId link, std::string reason) {
  links_.erase(link);
  scheduler_.begin_input();
  peer_.handle_link_closed(link, std::move(reason));
}

// What the peer wants.

void PeerDriver::carry_out(peer::OpenLink action) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(action.address.host, error);
  if (error) return resolve_and_connect(action);
  connect(action.link, {address, action.address.port});
}

void PeerDriver::connect(link::LinkId link, const Stream::Endpoint& remote) {
  links_[link] = Stream::connect(loop_, remote, tls_, limits_.links, link_events(link));
}

/// A bootstrap node may be given by name (11.4); the first address that the resolver finds is
/// tried.
void PeerDriver::resolve_and_connect(const peer::OpenLink& action) {
  links_[action.link] = nullptr;  // So that a CloseLink meanwhile is known.
  resolver_.async_resolve(action.address.host, std::to_string(action.address.port),
                          [this, link = action.link, alive = std::weak_ptr(alive_)](
                              const auto& error, const auto& results) {
                            if (alive.expired() || !links_.contains(link)) return;
                            if (error) return link_closed(link, error.message());
                            connect(link, results.begin()->endpoint());
                          });
}

void PeerDriver::carry_out(peer::SendBytes action) {
  const auto found = links_.find(action.link);
  if (found != links_.end() && found->second) found->second->send(action.octets);
}

void PeerDriver::carry_out(peer::CloseLink action) {
  const auto closing = links_.extract(action.link);
  if (closing.empty() || !closing.mapped()) return;
  if (notices_ && !action.reason.empty()) {
    notices_({Severity::debug, "link closed: " + action.reason});
  }
  closing.mapped()->close();
}

}  // namespace carillon::io
