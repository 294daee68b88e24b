#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <carillon/ids.hpp>

#include "base/time.hpp"
#include "sip/digest_algorithm.hpp"
#include "sip/networks.hpp"

namespace carillon::sip {

/// Bounds of one core; what exceeds them is refused, never queued without end.
struct SipLimits {
  std::size_t message_bytes{65535};   ///< Longer: 513 or, on a stream, the flow is closed.
  std::size_t headers{128};           ///< Header values in a message.
  std::size_t header_bytes{4096};     ///< A single header value, a Request-URI.
  std::size_t transactions{200'000};  ///< More: 503 with Retry-After.
  std::size_t flows{100'000};
  std::size_t flow_queue_bytes{262'144};  ///< Waiting for a flow to open.
  std::size_t aors{250'000};
  std::size_t bindings_per_aor{10};
  std::size_t subscriptions{10'000};  ///< To registrations (RFC 3680),
  std::size_t subscriptions_per_aor{8};
  std::size_t waiting_per_aor{8};  ///< REGISTERs waiting for one before them.
  std::size_t branches{16};        ///< Of one forked request.
  std::size_t nonces{200'000};     ///< Nonces in use whose counts are remembered.

  // What one source address, or one user, may do (Guard); 0: without limit.
  std::uint32_t source_rate{0};  ///< Messages a second; four seconds' worth at once. More: dropped.
  std::uint32_t source_failures{30};  ///< Wrong passwords at once, and one more each
  seconds failure_interval{10};       ///< such interval. More: banned,
  seconds ban{300};                   ///< for so long.
  std::uint32_t user_rate{0};         ///< Calls and changed registrations a second; then 503.
  std::uint32_t user_failures{100};
  std::size_t connections_per_source{10'000};
  std::size_t unfinished_bytes_per_source{4'194'304};
  std::size_t tracked_sources{65'536};  ///< Who is remembered, at 32 octets each;
  std::size_t tracked_users{16'384};    ///< made when the first is needed.
};

/// Who is told where a user is (302) instead of being connected (RFC 3261, 8.3).
enum class Redirect : std::uint8_t { nobody, trusted, everyone };

struct SipOptions {
  std::vector<std::string> domains{};  ///< Served here, lower case; the first is the default.
  std::vector<std::string> foreign_domains{};  ///< Our users may send requests to these, too.
  std::vector<std::string>
      names{};  ///< Hosts that mean us in a Route, lower case; domains do, too.
  /// Stands in Record-Route for phones in place of our address, lower case: a name that leads to
  /// any of the peers (RFC 3263). Empty: the address does.
  std::string record_route{};
  std::string peer_id{};  ///< Our own Node-ID as text.
  /// Requests whose From is in our domains must carry credentials (407).
  bool authenticate_requests{true};
  /// SIP servers before us that have authenticated whoever a request is from: we ask for nothing,
  /// and believe the From of requests and the To of REGISTERs. Their addresses must not be such as
  /// others can send from.
  Networks trusted{};
  Redirect redirect{Redirect::nobody};
  /// Users who may call in anybody's name ("trunk@example.org"): a PBX.
  std::vector<std::string> any_from{};
  /// Next hops for what no user here has, SIP URIs in the order in which they are tried; and what
  /// they are for (Trunks): "numbers", "everything", or beginnings of numbers.
  std::vector<std::string> trunks{};
  std::vector<std::string> trunk_for{"numbers"};
  seconds trunk_patience{4};  ///< Not even a 100 from it for so long: the next one is tried,
  seconds trunk_rest{30};     ///< and this one last, for so long.
  /// Offered in this order, and no other is taken; at least one (docs/decisions/0005).
  std::vector<DigestAlgorithm> digests{DigestAlgorithm::md5, DigestAlgorithm::sha256};
  /// A Request-URI, To or From with one of our own addresses for a domain means the default domain.
  bool address_is_domain{true};
  bool fork_by_q{false};  ///< Contacts of lower q only after those of higher q have failed.
  seconds min_expires{60};
  seconds max_expires{7200};
  seconds default_expires{3600};
  seconds min_stored_lifetime{3600};  ///< Of a published binding, however short the phone's is.
  seconds nonce_lifetime{300};
  /// How long a phone with outbound may be silent on its connection (RFC 5626, 4.4.1).
  seconds flow_timer{120};
  /// How soon a subscriber hears of what has changed at other peers.
  seconds reg_event_poll{30};
  /// Phones are told to send all requests through the peer they registered at (RFC 3608).
  bool service_route{false};
  /// How old what we know of a user may be: so long can one who was removed at another peer, or an
  /// old password, still do something here. A refresh, which changes nothing, may rely on more.
  seconds credential_age{30};
  seconds refresh_credential_age{300};
  seconds retry_after{5};
  /// Keys nonces and tokens of flows; at least 32 octets, kept over restarts if what is published
  /// shall survive them. Empty: drawn at random.
  Bytes secret{};
  /// The same at all registrars of an overlay: for dialogs and GRUUs that any of them can serve.
  Bytes overlay_secret{};
  /// Say in Via, to servers outside under TLS, that they may send us requests on the connection
  /// (RFC 5923): if they are shown a certificate.
  bool via_alias{false};
  /// Every message that comes in or goes out is handed to the driver as a CaptureMessage, too.
  bool capture{false};
  std::string server_name{"Carillon"};
  SipLimits limits{};
};

}  // namespace carillon::sip
