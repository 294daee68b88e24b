#pragma once

#include <optional>
#include <string>

#include "sip/domains.hpp"
#include "sip/flow_token.hpp"
#include "sip/hop.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

/// What the Route values that name us say about a request (RFC 3261, 16.4; RFC 5626, 5.3).
struct RouteVerdict {
  enum class Kind : std::uint8_t {
    plain,    ///< Nothing: where it goes is for the Request-URI (or a foreign Route) to say.
    dialog,   ///< It belongs to a dialog that was set up through us.
    contact,  ///< Another peer wants it delivered on a flow of a phone of ours.
    forged,   ///< A token that we did not make, or not for this.
  };
  Kind kind{Kind::plain};
  /// Where it has to go if a token says so; else the next Route or the Request-URI tells.
  std::optional<Hop> flow{};
};

/// Takes the Route values that name us off `message`, and undoes what a strict router did.
[[nodiscard]] RouteVerdict take_own_routes(SipMessage& message, const Domains& domains,
                                           const FlowTokens& tokens, WallTime now);

/// One side of a dialog through us.
struct DialogSide {
  LocalTransportId local{};
  std::optional<Hop> flow{};  ///< The phone on this side is only reached so.
};

/// Adds Record-Route (16.6 step 4): one if both sides use one socket and need no flow, else one
/// for each side, so that requests in the dialog find their way from either.
void add_record_route(SipMessage& message, const DialogSide& caller, const DialogSide& called,
                      const Transports& transports, const FlowTokens& tokens,
                      const std::string& own_peer_id, WallTime now);

/// Puts the first Route's URI into the Request-URI if it has no lr parameter (16.6 step 6).
void serve_strict_router(SipMessage& message);

/// The parameter of our inter-peer URIs that says whose certificate to expect.
inline constexpr std::string_view peer_id_param = "peer-id";

}  // namespace carillon::sip
