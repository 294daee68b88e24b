#include "io/sip_driver.hpp"
#include "io/socket_address.hpp"

// Connections that others open: from the socket to the flow that the core knows.

namespace carillon::io {

/// A socket that is dropped here is closed: the other side tries elsewhere.
void SipDriver::accept(sip::Transport transport, sip::LocalTransportId local, Stream::Socket socket,
                       const Stream::Endpoint& remote) {
  sip::HostPort at{host_text(remote.address()), remote.port()};
  const auto phone_handshakes = handshakes_.size() - peer_handshakes_;
  if (transport == sip::Transport::tls_peer) {
    if (peer_handshakes_ >= limits_.handshakes) return;
    start_handshake(transport, local, std::move(socket), std::move(at));
  } else if (silent_flows_ >= limits_.silent_flows) {
    return;
  } else if (transport == sip::Transport::tcp) {
    accept_phone(local, std::move(socket), std::move(at));
  } else if (phone_handshakes < limits_.phone_handshakes) {
    start_handshake(transport, local, std::move(socket), std::move(at));
  }
}

StreamEvents SipDriver::events_of(sip::FlowId flow) {
  return {.opened = [](const auto&) {},
          .bytes = [this, flow](ByteView octets) { flow_bytes(flow, octets); },
          .closed = [this, flow](const std::string& reason) { flow_closed(flow, reason); }};
}

void SipDriver::accept_phone(sip::LocalTransportId local, Stream::Socket socket,
                             sip::HostPort remote) {
  begin_input();
  const auto flow = core_.handle_flow_accepted(local, remote);
  if (flow != sip::FlowId::none) {
    ++silent_flows_;
    flows_[flow] = {.stream = Stream::accept(loop_, std::move(socket), std::nullopt, limits_.phone,
                                             events_of(flow)),
                    .accepted = true,
                    .last_heard = now_.monotonic};
  }
  drain();
}

void SipDriver::start_handshake(sip::Transport transport, sip::LocalTransportId local,
                                Stream::Socket socket, sip::HostPort remote) {
  const bool peer = transport == sip::Transport::tls_peer;
  const auto id = HandshakeId{++last_handshake_};
  StreamEvents events;
  events.opened = [this, id](const std::vector<Bytes>& chain) { handshake_opened(id, chain); };
  events.bytes = [this, id](ByteView octets) { handshake_bytes(id, octets); };
  events.closed = [this, id](const std::string&) { (void)end_handshake(id); };
  if (peer) ++peer_handshakes_;
  const auto& tls = peer ? peer_tls_ : (is_web_socket(transport) ? browser_tls_ : phone_tls_);
  handshakes_[id] = {
      Stream::accept(loop_, std::move(socket), is_secure(transport) ? tls : std::nullopt,
                     peer ? limits_.peer : limits_.phone, std::move(events)),
      transport,
      local,
      std::move(remote),
      scheduler_.begin_input().monotonic,
      is_web_socket(transport) ? std::make_unique<WebSocket>(web_socket_options_) : nullptr};
}

void SipDriver::handshake_opened(HandshakeId id, const std::vector<Bytes>& chain) {
  if (handshakes_.at(id).web_socket) return;  // Its own handshake follows.
  handshake_done(id, chain);
}

/// Of a WebSocket: others are flows as soon as they are open.
void SipDriver::handshake_bytes(HandshakeId id, ByteView octets) {
  auto& handshake = handshakes_.at(id);
  handshake.web_socket->add(octets);
  handshake.stream->send(as_bytes(handshake.web_socket->take_output()));
  if (handshake.web_socket->state() == WebSocket::State::open) {
    handshake_done(id, {});
  } else if (handshake.web_socket->state() == WebSocket::State::closed) {
    end_handshake(id).stream->close();
  }
}

SipDriver::Handshake SipDriver::end_handshake(HandshakeId id) {
  auto handshake = std::move(handshakes_.extract(id).mapped());
  if (handshake.transport == sip::Transport::tls_peer) --peer_handshakes_;
  return handshake;
}

/// Which peer it is; empty for a phone.
Result<std::string> SipDriver::accepted_peer(const Handshake& handshake,
                                             const std::vector<Bytes>& chain) {
  if (handshake.transport != sip::Transport::tls_peer) return std::string{};
  const auto node = identify_(chain);
  if (node) return node->to_hex();
  if (notices_) {
    notices_({Severity::warning, "SIP connection from " +
                                     to_text(handshake.remote.host, handshake.remote.port) +
                                     " refused: " + node.error().message()});
  }
  return std::unexpected(node.error());
}

void SipDriver::handshake_done(HandshakeId id, const std::vector<Bytes>& chain) {
  auto handshake = end_handshake(id);
  const auto peer = accepted_peer(handshake, chain);
  begin_input();
  const auto flow = peer ? core_.handle_flow_accepted(handshake.local, handshake.remote, *peer)
                         : sip::FlowId::none;
  if (flow == sip::FlowId::none) {
    handshake.stream->abort();
  } else {
    const bool phone = peer->empty();
    if (phone && identities_ && handshake.transport == sip::Transport::tls) {
      core_.handle_flow_identities(flow, identities_->names(chain));
    }
    handshake.stream->replace_events(events_of(flow));
    if (phone) ++silent_flows_;
    flows_[flow] = {.stream = handshake.stream,
                    .web_socket = std::move(handshake.web_socket),
                    .accepted = phone,
                    .heard = !phone,
                    .last_heard = now_.monotonic};
    // A phone may say something before it has seen our answer.
    const auto& web_socket = flows_[flow].web_socket;
    if (web_socket && web_socket->has_more()) flow_bytes(flow, {});
  }
  drain();
}

}  // namespace carillon::io
