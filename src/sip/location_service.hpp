#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <carillon/error.hpp>

#include "base/time.hpp"
#include "sip/address.hpp"

namespace carillon::sip {

/// Runs exactly once, later, never from inside the call that took it.
template <typename T>
using Handler = std::move_only_function<void(Result<T>)>;

/// One contact of an AOR, as its serving peer publishes it
/// (RFC 3261, 10.3; RFC 3327, Path; RFC 5626, instance and reg-id).
struct Binding {
  std::string contact{};  ///< The contact's URI as the phone wrote it, without < >.
  std::uint16_t q_thousandths{1000};
  std::string call_id{};            ///< Of the REGISTER that last published it,
  std::uint32_t cseq{};             ///< and its CSeq number.
  std::string instance{};           ///< +sip.instance, with its < > and without quotes; or empty.
  std::uint32_t reg_id{};           ///< 0: none.
  std::vector<std::string> path{};  ///< Path values as received, first hop first.
  std::string received{};           ///< Where the phone is reached, e.g. "udp:192.0.2.1:5060".
  /// Empty: any host can reach the contact. Else only the serving peer can, on the phone's flow,
  /// and this token tells it which (RFC 5626, 5.2); it is the user part of a Route to that peer.
  std::string flow_token{};
  WallTime updated{};         ///< When the phone last changed it: newer wins in a merge.
  WallTime expires{};         ///< Of the stored binding; longer than what the phone asked for.
  std::uint32_t granted_s{};  ///< Seconds that the phone was granted.

  friend bool operator==(const Binding&, const Binding&) = default;
};

/// Says that a binding which another peer holds is gone: the phone removed it through us, or its
/// flow is. It undoes bindings that were updated at or before `at`.
struct Removal {
  std::string contact{};  ///< Contact and instance both empty: every binding of the AOR.
  std::string instance{};
  std::uint32_t reg_id{};
  WallTime at{};
  WallTime expires{};  ///< When the last binding it may concern will have expired.

  friend bool operator==(const Removal&, const Removal&) = default;
};

/// `removal` means `binding`, and is not older.
[[nodiscard]] bool is_undone(const Binding& binding, const Removal& removal);

/// What one peer says about an AOR: the value of its own dictionary entry.
struct OwnEntry {
  std::vector<Binding> bindings{};
  std::vector<Removal> removals{};
  HostPort peer_address{};  ///< Where other peers reach us by SIP over TLS; port 0: nowhere.

  /// With nothing in it the entry is to be removed.
  [[nodiscard]] bool empty() const { return bindings.empty() && removals.empty(); }
  /// How long something in it is good for anything; zero if nothing is.
  [[nodiscard]] seconds lifetime(WallTime now) const;
  friend bool operator==(const OwnEntry&, const OwnEntry&) = default;
};

/// An entry and whose it is, as a lookup finds them.
struct PeerEntry {
  std::string peer_id{};  ///< The peer's Node-ID as text; what its TLS certificate must say.
  OwnEntry entry{};
};

/// A binding, and the peer that serves it.
struct LocatedBinding {
  Binding binding{};
  std::string peer_id{};
  HostPort peer_address{};

  friend bool operator==(const LocatedBinding&, const LocatedBinding&) = default;
};

/// Makes one list of what several peers say: without what has expired at `now` or was removed,
/// one binding (the newest) for each instance and reg-id or else contact, newest first.
[[nodiscard]] std::vector<LocatedBinding> merge_entries(const std::vector<PeerEntry>& entries,
                                                        WallTime now);

/// Where the phones of an AOR are. `aor` is always canonical: "alice@example.org".
/// An AOR has one entry a peer; we write only our own.
class LocationService {
 public:
  virtual ~LocationService() = default;

  /// Puts `entry` in the place of what this peer said before about the AOR; an empty one removes
  /// it. Done means kept: durable and replicated. `lifetime`: how long the stored value must live
  /// (no binding in it outlives that). Two calls for one AOR are never under way at once.
  /// Errors: `not_joined`, `unreachable`, `request_timeout`, `busy`, `disk_full` (503, retry
  /// later), others are answered with 500.
  virtual void publish(std::string aor, OwnEntry entry, seconds lifetime, Handler<void> done) = 0;

  /// All peers' bindings, merged (`merge_entries`). Nobody registered: an empty list, no error.
  virtual void lookup(std::string aor, Handler<std::vector<LocatedBinding>> done) = 0;
};

/// What this peer has published and must still be there: for putting it back when the overlay's
/// ring has changed. Implemented by SipCore.
class OwnBindings {
 public:
  virtual ~OwnBindings() = default;
  [[nodiscard]] virtual std::vector<std::string> own_aors() const = 0;
  /// As last acknowledged; it has to live until the last `expires` in it. Nothing if the AOR has no
  /// entry (any more).
  [[nodiscard]] virtual std::optional<OwnEntry> own_entry(std::string_view aor) const = 0;
};

}  // namespace carillon::sip
