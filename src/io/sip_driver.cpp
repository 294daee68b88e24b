#include "io/sip_driver.hpp"

#include <boost/asio/post.hpp>

#include "io/socket_address.hpp"

namespace carillon::io {
namespace {

/// How often idle connections are looked for.
constexpr std::chrono::seconds sweep_interval{8};

}  // namespace

SipDriver::SipDriver(EventLoop& loop, CoreScheduler& scheduler, sip::SipCore& core,
                     std::optional<PeerTls> tls, SipDriverLimits limits, NoticeSink notices)
    : loop_(loop),
      scheduler_(scheduler),
      core_(core),
      limits_(limits),
      notices_(std::move(notices)),
      sweep_timer_(loop.context()) {
  if (tls) {
    peer_tls_ = std::move(tls->context);
    identify_ = std::move(tls->identify);
  }
  scheduler_.add_core(*this);
  schedule_sweep();
}

SipDriver::~SipDriver() {
  scheduler_.remove_core(*this);
  for (auto& [id, flow] : flows_)
    flow.stream->abort();
  for (auto& [id, handshake] : handshakes_)
    handshake.stream->abort();
}

void SipDriver::begin_input() {
  scheduler_.begin_input();
}

void SipDriver::handle_time(Now now) {
  now_ = now;
  core_.handle_time(now);
}

bool SipDriver::finish_turn() {
  return drain();
}

bool SipDriver::drain() {
  bool worked = false;
  while (auto action = core_.poll_action()) {
    worked = true;
    std::visit([this](auto& what) { carry_out(std::move(what)); }, *action);
  }
  return worked;
}

// Flows.

void SipDriver::flow_bytes(sip::FlowId flow, ByteView octets) {
  const auto found = flows_.find(flow);
  if (found == flows_.end()) return;
  begin_input();
  found->second.last_heard = now_.monotonic;
  if (!found->second.heard) {
    found->second.heard = true;
    if (found->second.accepted) --silent_flows_;
  }
  if (found->second.web_socket) {
    web_socket_bytes(flow, found->second, octets);
  } else {
    core_.handle_flow_bytes(flow, octets);
  }
  drain();
}

void SipDriver::web_socket_bytes(sip::FlowId id, Flow& flow, ByteView octets) {
  auto& web_socket = *flow.web_socket;
  web_socket.add(octets);
  while (const auto message = web_socket.next())
    core_.handle_flow_bytes(id, *message);
  flow.stream->send(as_bytes(web_socket.take_output()));
  if (web_socket.state() == WebSocket::State::open) return;
  const auto stream = flow.stream;
  flow_closed(id, "closed by the other side");
  stream->close();
}

void SipDriver::flow_closed(sip::FlowId flow, const std::string& reason) {
  const auto found = flows_.find(flow);
  if (found == flows_.end()) return;
  if (found->second.accepted && !found->second.heard) --silent_flows_;
  flows_.erase(found);
  begin_input();
  core_.handle_flow_closed(flow, reason);
  drain();
}

void SipDriver::peer_opened(sip::FlowId flow, const std::vector<Bytes>& chain) {
  const auto found = flows_.find(flow);
  if (found == flows_.end()) return;
  if (!found->second.expected_peer.empty()) {
    const auto node = identify_(chain);
    const bool right = node && node->to_hex() == found->second.expected_peer;
    if (!right) {
      found->second.stream->abort();
      return flow_closed(flow,
                         node ? "another node answers at that address" : node.error().message());
    }
  }
  begin_input();
  core_.handle_flow_opened(flow);
  drain();
}

// What the core wants.

void SipDriver::carry_out(sip::SendDatagram action) {
  const auto socket = datagram_sockets_.find(action.local);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(action.remote.host, error);
  if (error || socket == datagram_sockets_.end()) return;  // Like a datagram lost on its way.
  socket->second->send({address, action.remote.port}, as_bytes(action.octets));
}

void SipDriver::carry_out(sip::SendOnFlow action) {
  const auto found = flows_.find(action.flow);
  if (found == flows_.end()) return;
  const bool framed = found->second.web_socket != nullptr;
  const auto octets = framed ? WebSocket::frame(action.octets) : std::move(action.octets);
  found->second.stream->send(as_bytes(octets));
}

void SipDriver::carry_out(sip::OpenFlow action) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(action.address.host, error);
  const bool to_peer = action.transport == sip::Transport::tls_peer;
  if (error) return fail_flow(action.flow, "not an address: " + action.address.host);
  if (to_peer && (!peer_tls_ || action.expected_peer.empty())) {
    return fail_flow(action.flow, "no peer to expect there");
  }
  const bool to_server = action.transport == sip::Transport::tls;
  if (to_server && (!server_tls_ || action.server_name.empty())) {
    return fail_flow(action.flow, "no TLS to servers outside");
  }
  const auto flow = action.flow;
  auto events = events_of(flow);
  events.opened = [this, flow](const std::vector<Bytes>& chain) { peer_opened(flow, chain); };
  const auto plain = std::optional<TlsContext>{};
  flows_[flow] = {
      .stream = Stream::connect(loop_, {address, action.address.port},
                                to_peer ? peer_tls_ : (to_server ? server_tls_ : plain),
                                to_peer ? limits_.peer : limits_.phone, std::move(events),
                                to_server ? action.server_name : std::string{}),
      .expected_peer = action.expected_peer,
      .heard = true,
      .last_heard = now_.monotonic};
}

/// Never from inside the draining: the core is told in a turn of its own.
void SipDriver::fail_flow(sip::FlowId flow, std::string reason) {
  boost::asio::post(loop_.context(),
                    [this, flow, reason = std::move(reason), alive = std::weak_ptr(alive_)] {
                      if (alive.expired()) return;
                      begin_input();
                      core_.handle_flow_closed(flow, reason);
                      drain();
                    });
}

void SipDriver::carry_out(sip::CloseFlow action) {
  const auto found = flows_.find(action.flow);
  if (found == flows_.end()) return;
  if (found->second.accepted && !found->second.heard) --silent_flows_;
  if (found->second.web_socket) found->second.stream->send(as_bytes(WebSocket::goodbye()));
  found->second.stream->close();
  flows_.erase(found);
}

void SipDriver::carry_out(const sip::CaptureMessage& action) {
  if (capture_) capture_(action);
}

// Connections that nobody speaks on.

void SipDriver::schedule_sweep() {
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto& error) {
    if (error || alive.expired()) return;
    sweep_handshakes();
    sweep();
    schedule_sweep();
  });
}

/// TLS has its own time limit; this one is for those who open a WebSocket and never ask for it.
void SipDriver::sweep_handshakes() {
  const auto now = scheduler_.begin_input().monotonic;
  std::vector<HandshakeId> late;
  for (const auto& [id, handshake] : handshakes_) {
    if (now - handshake.since > 2 * limits_.phone.open_within) late.push_back(id);
  }
  for (const auto id : late)
    end_handshake(id).stream->close();
}

void SipDriver::sweep() {
  const auto now = scheduler_.begin_input().monotonic;
  std::vector<sip::FlowId> idle;
  for (const auto& [id, flow] : flows_) {
    const auto limit = flow.heard ? limits_.idle_at_most : limits_.first_bytes_within;
    if (now - flow.last_heard > limit) idle.push_back(id);
  }
  for (const auto id : idle) {
    const auto found = flows_.find(id);
    if (found == flows_.end()) continue;
    const auto stream = found->second.stream;
    flow_closed(id, "idle");
    stream->close();
  }
}

}  // namespace carillon::io
