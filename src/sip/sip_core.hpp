#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/timer_queue.hpp"
#include "sip/address.hpp"
#include "sip/credential_service.hpp"
#include "sip/dns_service.hpp"
#include "sip/location_service.hpp"
#include "sip/sip_action.hpp"
#include "sip/sip_counters.hpp"
#include "sip/sip_options.hpp"
#include "sip/trunk_status.hpp"

namespace carillon::sip {

/// Registrar and proxy of one peer (RFC 3261, 10 and 16): everything of SIP but the sockets.
///
/// The driver calls handle_time before any other input, then the input, then poll_action until it
/// is empty. Handlers of the two services may be run by anyone, at any time but from inside a call
/// of this class; drain poll_action afterwards. Nothing here throws on what arrives.
class SipCore final : public OwnBindings {
 public:
  /// `timers`, `random` and the services must outlive the core. `random` must be a cryptographic
  /// one where strangers can reach us. `notices` may be empty.
  SipCore(SipOptions options, TimerQueue& timers, Random& random, LocationService& locations,
          CredentialService& credentials, NoticeSink notices);
  ~SipCore() override;
  SipCore(const SipCore&) = delete;
  SipCore& operator=(const SipCore&) = delete;

  /// A socket is open. `advertised` is the address that others can reach it at, never a wildcard:
  /// it goes into Via and Record-Route. Call before the first input.
  LocalTransportId add_local_transport(Transport transport, HostPort advertised);

  /// Makes room for so many server transactions. Without it tables grow when they must, and
  /// requests that come meanwhile wait.
  void make_room(std::size_t transactions);

  /// Finds those outside by their names (RFC 3263); it must outlive the core. Without one, only
  /// addresses are reached.
  void set_dns(DnsService* dns);

  /// The sockets are open: trunks are looked for, and registered at, from now on.
  void start_trunks();
  /// Takes the user names and passwords of these in the place of those that it was made with.
  void set_trunk_logins(const std::vector<TrunkOptions>& trunks);

  // Input.
  void handle_time(Now now);
  void handle_datagram(LocalTransportId local, const HostPort& remote, ByteView octets);
  /// Someone connected. `peer_id`: on `tls_peer`, the Node-ID that the other side has proved; else
  /// empty. `none` if there are too many: close it.
  [[nodiscard]] FlowId handle_flow_accepted(LocalTransportId local, const HostPort& remote,
                                            std::string peer_id = {});
  /// Whom the certificate names that who connected over `tls` has shown, if it can be trusted: what
  /// is to be sent to these may go on this connection, if that is wished (RFC 5923).
  void handle_flow_identities(FlowId flow, std::vector<std::string> names);
  /// An OpenFlow succeeded, the peer's identity being the expected one.
  void handle_flow_opened(FlowId flow);
  /// Octets of a stream as they come; of a WebSocket, one whole message.
  void handle_flow_bytes(FlowId flow, ByteView octets);
  /// Closed by the other side or broken, or an OpenFlow failed.
  void handle_flow_closed(FlowId flow, std::string_view reason);
  /// The operating system says that datagrams to `remote` do not arrive (ICMP).
  void handle_unreachable(LocalTransportId local, const HostPort& remote);

  /// How much of a processor this process has used since the last report, 0 to 1; once or more a
  /// second. Near 1 work is shed (Overload).
  void handle_load(double load);

  /// For an operator: takes away all bindings of "alice@example.org", whoever serves them.
  void remove_bindings(std::string aor, Handler<void> done);

  // Output.
  [[nodiscard]] std::optional<SipAction> poll_action();
  /// Of the shared timer queue.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  // Leaving.
  /// From now on REGISTER is answered with 503 and Retry-After; so are new INVITEs. Our own
  /// registrations at trunks are taken back.
  void start_draining();
  /// No transaction is waiting for anybody's final answer.
  [[nodiscard]] bool drained() const;
  /// Closes up to `count` connections of phones and takes back what was registered on them, so that
  /// these phones go and register elsewhere. With `unawaited`, none on which an answer is awaited.
  void send_phones_away(std::size_t count, bool unawaited);
  /// Closes every flow that is left.
  void close_flows();

  // Queries.
  [[nodiscard]] const SipCounters& counters() const;
  [[nodiscard]] SipGauges gauges() const;
  /// Of the trunks at which we are to be registered.
  [[nodiscard]] std::vector<TrunkStatus> trunk_status() const;
  [[nodiscard]] std::vector<std::string> own_aors() const override;
  [[nodiscard]] std::optional<OwnEntry> own_entry(std::string_view aor) const override;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace carillon::sip
