#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "config/configuration_document.hpp"
#include "forwarding/link_action.hpp"
#include "peer/peer_options.hpp"
#include "peer/peer_status.hpp"
#include "security/identity.hpp"
#include "security/signer.hpp"
#include "security/trust_cache.hpp"
#include "storage/storage.hpp"
#include "storage/storage_backend.hpp"
#include "transport/transport_counters.hpp"

namespace carillon::peer {

using forwarding::CloseLink;
using forwarding::LinkAction;
using forwarding::OpenLink;
using forwarding::SendBytes;
using link::AddressPort;
using link::LinkId;

class PeerCore;

/// A RELOAD peer (RFC 6940): all layers of the core put together, still without any I/O.
///
/// How it is driven, in turns:
///   1. `handle_time` with the present time, before anything else;
///   2. what arrived, by the other `handle_` methods, and calls of `Overlay`, in any number;
///   3. `flush`: one sync makes all that the turn has stored durable, and lets the answers go
///      that waited for it (group commit);
///   4. all of `poll_action`, carried out in this order;
///   5. `run_completions`. If that called the overlay again, go on at 3.
/// Come back at `next_deadline`, or when something arrives.
class Peer final : public Overlay {
 public:
  /// All that it needs of others. What is referred to must outlive the peer.
  struct Parts {
    config::ConfigurationDocument configuration;  ///< Already verified by whoever got it (11.1).
    security::Identity identity;
    std::shared_ptr<security::Verifier> verifier;
    storage::StorageBackend& backend;
    Random& random;  ///< Cryptographically good: Node-IDs' neighbors may guess (6.3.2).
    NoticeSink notices;
    /// Shared with other peers of the overlay in this process; nothing: the peer's own.
    std::shared_ptr<security::TrustCache> trust{};
  };

  Peer(PeerOptions options, Parts parts);
  ~Peer() override;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Call once, before the first turn. `corrupt`, `io`: the stored data cannot be used;
  /// `bad_certificate`: our own certificate does not belong to this overlay (at `now`).
  [[nodiscard]] Result<void> open(Now now);

  // --- What arrives.

  /// The time, and timers that are due.
  void handle_time(Now now);
  /// Somebody has connected and shown these certificates, its own first (DER; the TLS handshake
  /// has proved the possession of its key). If they are not good the link is closed at once, by a
  /// CloseLink. LinkId::none: there are too many links, just close it.
  [[nodiscard]] LinkId handle_link_accepted(AddressPort remote, std::vector<Bytes> der_chain);
  /// An OpenLink has succeeded; the certificates are the other side's.
  void handle_link_opened(LinkId link, std::vector<Bytes> der_chain);
  void handle_link_bytes(LinkId link, ByteView octets);
  /// A link has ended, or could not be opened. Not for links that a CloseLink has ended.
  void handle_link_closed(LinkId link, std::string reason);

  // --- What is to be done.

  /// What to do with connections. Drain after `flush`.
  [[nodiscard]] std::optional<LinkAction> poll_action();
  /// Makes what was stored durable. An error was told to all who wait for an answer; the peer
  /// goes on. Cheap if nothing was stored.
  Result<void> flush();
  /// Runs the handlers of calls that are done; false if none was.
  bool run_completions();
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  // --- Overlay (include/carillon/overlay.hpp).

  void join(Handler<void> done) override;
  void leave(Handler<void> done) override;
  void lookup(LookupRequest request, Handler<LookupReport> done) override;
  void lookup_at(ResourceId resource, std::vector<KindId> kinds,
                 Handler<LookupReport> done) override;
  void store(StoreRequest request, Handler<StoreReport> done) override;
  void find_next(ResourceId from, KindId kind, Handler<FindReport> done) override;
  void on_ring_change(std::move_only_function<void()> changed) override;
  [[nodiscard]] ResourceId resource_id(const std::string& resource_name) const override;
  [[nodiscard]] NodeId node_id() const override;

  // --- Questions.

  [[nodiscard]] PeerStatus status() const;
  [[nodiscard]] PeerState state() const;
  /// Where peers that we are, or were, connected to listen, the most useful first: worth
  /// remembering for the next start (11.4). Changes rarely.
  [[nodiscard]] std::vector<AddressPort> known_peers() const;
  [[nodiscard]] const config::ConfigurationDocument& configuration() const;
  /// Takes over a later configuration document; the overlay learns of it from this peer (6.5.4).
  /// Errors as config::ConfigurationDocument::parse and config::verify_successor.
  [[nodiscard]] Result<void> update_configuration(std::string text);
  /// New certificates for the same Node-ID, from now on, without leaving: `invalid_argument` if
  /// they are another's, `bad_certificate` if they are not good.
  [[nodiscard]] Result<void> renew(security::Identity identity);
  /// Whose certificates these are (own first, DER): for other connections between peers of the
  /// overlay, e.g. SIP over TLS. `bad_certificate` with the reason.
  [[nodiscard]] Result<std::vector<NodeId>> verify_certificates(std::span<const Bytes> der_chain);
  /// Told of each message of this node's own, for statistics; must only count.
  void set_message_observer(transport::MessageObserver observer);

  // --- For drivers of thousands of peers, whose memory is far from the processor: a turn is
  // coming. Each step needs what the one before has brought. They change nothing.

  void prefetch() const;
  void prefetch_tables() const;
  /// What arrives on this link, or, with LinkId::none, timers.
  void prefetch_link(LinkId link) const;

 private:
  std::unique_ptr<PeerCore> core_;
};

}  // namespace carillon::peer
