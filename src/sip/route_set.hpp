#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  /// It has to go where a token says; else the next Route or the Request-URI tells.
  bool on_flow{false};
  std::optional<Hop> flow{};  ///< There, if it is (or was) a flow of ours.
  std::string aor{};          ///< Whose phone it leads to, if that is known.
  /// What was sealed in it; take_own_routes has put it in its place.
  std::vector<std::string> sealed{};
};

/// What the Record-Route of a response has to become, so that each side of a dialog between two
/// peers is told of its own peer alone (RFC 3261, 16.7 step 8 and 16.6 step 4).
struct RouteRewrite {
  std::string own{};  ///< What we put into the request; empty: nothing is to be done.
  /// The response goes on to a peer: this in its place, topmost first.
  std::vector<std::string> for_peer{};
  /// The response goes on to who called here: one of ours, with the peers above it sealed in it.
  std::optional<LocalTransportId> caller{};
  bool sips{false};
};

/// Takes the Route values that name us off `message`, puts what is sealed in them in their place,
/// and undoes what a strict router did. What another peer wrote for phones counts as ours: a phone
/// that brings it to us does not reach that peer (docs/decisions/0025).
[[nodiscard]] RouteVerdict take_own_routes(SipMessage& message, const Domains& domains,
                                           const FlowTokens& tokens, WallTime now);

/// The other peer that is next on the way of a request in a dialog; empty if none is.
[[nodiscard]] std::string next_peer(const SipMessage& message);

/// Takes the Route values of other peers off the top of `message`: what they would do with it.
[[nodiscard]] RouteVerdict take_routes_of_peers(SipMessage& message, const FlowTokens& tokens,
                                                WallTime now);

/// One side of a dialog through us.
struct DialogSide {
  LocalTransportId local{};
  std::optional<Hop> flow{};  ///< The phone on this side is only reached so.
  std::string aor{};          ///< Whose it is, if that is known: needed when the flow is gone.
};

/// Adds Record-Route, so that requests in the dialog find their way from either side (16.6 step 4):
/// one if both sides use one socket and need no flow, else one for each side. Towards another peer
/// there is but one, and what is above ours in a request of another peer is sealed into ours.
class RecordRoutes {
 public:
  RecordRoutes(const Transports& transports, const FlowTokens& tokens, const SipOptions& options)
      : transports_(transports), tokens_(tokens), options_(options) {}

  [[nodiscard]] RouteRewrite add(SipMessage& message, const DialogSide& caller,
                                 const DialogSide& called, WallTime now) const;
  /// Does with a response what `add` has found.
  void rewrite(SipMessage& response, const RouteRewrite& how, WallTime now) const;

 private:
  [[nodiscard]] bool is_peer_side(const DialogSide& side) const;
  [[nodiscard]] std::string value(std::string_view scheme, const DialogSide& side,
                                  std::vector<std::string> sealed, std::string_view call_id,
                                  WallTime now) const;

  const Transports& transports_;
  const FlowTokens& tokens_;
  const SipOptions& options_;
};

/// Puts the first Route's URI into the Request-URI if it has no lr parameter (16.6 step 6).
void serve_strict_router(SipMessage& message);

/// The parameter of our inter-peer URIs that says whose certificate to expect.
inline constexpr std::string_view peer_id_param = "peer-id";

}  // namespace carillon::sip
