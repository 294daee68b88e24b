#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sip/digest_client.hpp"
#include "sip/hop.hpp"
#include "sip/local_binding.hpp"
#include "sip/location_service.hpp"
#include "sip/server_locator.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

/// A trunk's challenge that a request answers.
struct TrunkAnswer {
  std::size_t trunk{};
  DigestChallenge challenge{};
  bool again{false};  ///< Not the first of this request.
};

/// Where a request can be sent on to (RFC 3261, 16.5).
struct Target {
  std::string request_uri{};
  std::vector<std::string> routes{};  ///< Put before what Route there is.
  /// Who is to be found by name first; then its addresses are tried.
  std::optional<ServerQuery> server{};
  /// The next hop, if it is known; else the other peer, to which there may be no flow yet.
  std::optional<Hop> hop{};
  std::string peer_id{};
  HostPort peer_address{};
  std::string server_name{};  ///< Whom a certificate must name, if we connect under TLS.
  /// The phone is only reached on this flow of ours: requests in the dialog must pass us.
  bool on_flow{false};
  std::optional<std::size_t> trunk{};  ///< Which one, if it is one (Trunks).
  std::optional<TrunkAnswer> answer{};
  std::string not_to{};  ///< An address that must not be found for `server`.
  std::uint16_t q_thousandths{1000};
  std::string instance{};
  std::optional<LocatedBinding> located{};  ///< Whose binding, if another peer serves it.
  /// Other ways to the same phone (RFC 5626, 5.3: flows of one instance are tried in turn).
  std::vector<Target> alternates{};
};

/// The targets for an AOR: what was located, with our own bindings (which may be null) as they are
/// now. Best first.
[[nodiscard]] std::vector<Target> targets_for(const std::vector<LocatedBinding>& located,
                                              const std::vector<LocalBinding>* own,
                                              const std::string& own_peer_id,
                                              const Transports& transports, MonotonicTime now);

/// The first of a target's alternates, with the others as its own.
[[nodiscard]] Target with_next(const Target& target);

/// The target that a URI itself names: the next Route or a Request-URI. Nothing if we have no
/// socket for it. One that is named is to be located first (`server`).
[[nodiscard]] std::optional<Target> target_at(const Uri& next_hop, std::string request_uri,
                                              const Transports& transports);

/// `target` at the first of the servers found for it, with the others as alternates; unchanged if
/// there is none.
[[nodiscard]] Target with_servers(const Target& target, const std::vector<Server>& servers,
                                  const Transports& transports);

}  // namespace carillon::sip
