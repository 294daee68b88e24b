#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/hop.hpp"
#include "sip/sip_action.hpp"
#include "sip/stream_framer.hpp"
#include "sip/transaction_layer.hpp"

namespace carillon::sip {

/// A socket of ours, and what others call it.
struct LocalTransport {
  LocalTransportId id{};
  Transport transport{};
  HostPort advertised{};
};

/// A connection that is open or being opened.
struct Flow {
  Flow(Transport transport_in, LocalTransportId local_in, HostPort remote_in, std::string peer_in,
       bool open_in, const SipLimits& limits)
      : transport(transport_in),
        local(local_in),
        remote(std::move(remote_in)),
        peer_id(std::move(peer_in)),
        open(open_in),
        framer(limits) {}

  Transport transport;
  LocalTransportId local;
  HostPort remote;
  std::string peer_id;        ///< Of a `tls_peer`: whom its certificate names (or is to name).
  std::string server_name{};  ///< Of one that we opened under TLS.
  std::vector<std::string> identities{};  ///< Of a server that opened it: whom it has proved to be.
  std::uint16_t alias_port{};             ///< Where it listens, if it wants requests here, too.
  bool open;
  bool is_phone{false};  ///< Has connected to us, and is no other peer.
  StreamFramer framer;
  std::deque<std::string> waiting;  ///< To be sent once it is open.
  std::size_t waiting_bytes{0};
  MonotonicTime heard{};   ///< The last that came.
  bool is_watched{false};  ///< The phone has promised keepalives (RFC 5626, 4.4.1).
};

/// Sockets and flows (RFC 3261, 18): puts what is to be sent into actions for the driver.
class Transports final : public MessageSender {
 public:
  explicit Transports(CoreContext& context) : context_(context) {}

  LocalTransportId add_local(Transport transport, HostPort advertised);
  [[nodiscard]] const LocalTransport* local(LocalTransportId id) const;
  /// The first socket of this kind that speaks the IP version of `remote_host`.
  [[nodiscard]] const LocalTransport* local_for(Transport transport,
                                                std::string_view remote_host) const;
  [[nodiscard]] const LocalTransport* first(Transport transport) const;
  /// `at` is one of our advertised addresses.
  [[nodiscard]] bool is_own(const HostPort& at) const;
  [[nodiscard]] bool is_own_host(std::string_view host) const;

  /// Finds or opens a flow to another peer, or nothing if there are too many.
  [[nodiscard]] std::optional<Hop> to_peer(const std::string& peer_id, const HostPort& address);
  /// The same for an address that speaks TCP or TLS; nothing for others. Under TLS its certificate
  /// must name `server_name`.
  [[nodiscard]] std::optional<Hop> to_address(Transport transport, const HostPort& address,
                                              const std::string& server_name);
  /// The other side of a flow, which listens at `port`, wants requests on this one, too (RFC 5923,
  /// 8.2). Done only for who has proved whom it is, and for what is to be sent to these names.
  void alias(FlowId id, std::uint16_t port);
  /// A flow that is still there.
  [[nodiscard]] std::optional<Hop> on_flow(FlowId id) const;

  /// A flow that we have opened, under TLS, to a server outside.
  [[nodiscard]] bool is_to_server(const Hop& hop) const;

  /// The value of the Via that a request gets which goes out by `hop` (RFC 3261, 18.1.1; RFC 3581).
  [[nodiscard]] std::string via(const Hop& hop, std::string_view branch) const;

  bool send(const Hop& hop, std::string octets) override;
  /// Shows a message that came in on `hop` to who looks on, if anyone does.
  void capture_incoming(const Hop& hop, ByteView octets);

  // From the driver.
  [[nodiscard]] FlowId accept(LocalTransportId local, const HostPort& remote, std::string peer_id);
  void opened(FlowId id);
  [[nodiscard]] Flow* find(FlowId id);
  /// Forgets the flow; with `tell_driver` it is closed.
  void forget(FlowId id, bool tell_driver);

  void expect_keepalives(FlowId id, MonotonicTime now);
  [[nodiscard]] std::size_t watched() const { return watched_; }
  /// Of the watched, those that nothing has come on since `limit`.
  [[nodiscard]] std::vector<FlowId> silent_since(MonotonicTime limit) const;

  [[nodiscard]] std::optional<SipAction> poll();
  [[nodiscard]] std::size_t flow_count() const { return flows_.size(); }
  [[nodiscard]] std::vector<FlowId> flow_ids() const;
  [[nodiscard]] std::size_t phone_flow_count() const { return phones_; }
  [[nodiscard]] std::vector<FlowId> phone_flow_ids() const;

 private:
  [[nodiscard]] std::optional<Hop> open(Transport transport, std::string peer_id,
                                        const HostPort& address, std::string server_name = {});
  [[nodiscard]] static Hop hop_of(FlowId id, const Flow& flow) {
    return {flow.transport, flow.local, flow.remote, id};
  }

  using AddressKey = std::tuple<Transport, HostPort, std::string>;
  /// Which keys lead to this flow.
  [[nodiscard]] static std::vector<AddressKey> keys_of(const Flow& flow);
  void send_on_flow(FlowId id, const Flow& flow, std::string octets);
  void capture_outgoing(const Hop& hop, std::string_view octets);
  [[nodiscard]] HostPort local_address(const Hop& hop) const;
  [[nodiscard]] std::chrono::microseconds capture_time();

  CoreContext& context_;
  std::vector<LocalTransport> locals_;
  std::unordered_map<FlowId, Flow> flows_;
  std::map<std::string, FlowId> flows_to_peers_;
  /// Under TLS also by the name that was proved; empty for who has connected to us.
  std::map<AddressKey, FlowId> flows_to_addresses_;
  std::uint64_t last_flow_{0};
  std::size_t watched_{0};
  std::size_t phones_{0};
  std::deque<SipAction> actions_;
  std::chrono::microseconds last_capture_{};
};

}  // namespace carillon::sip
