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
  /// Where it has to go if a token says so; else the next Route or the Request-URI tells.
  std::optional<Hop> flow{};
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
/// and undoes what a strict router did.
[[nodiscard]] RouteVerdict take_own_routes(SipMessage& message, const Domains& domains,
                                           const FlowTokens& tokens, WallTime now);

/// One side of a dialog through us.
struct DialogSide {
  LocalTransportId local{};
  std::optional<Hop> flow{};  ///< The phone on this side is only reached so.
};

/// Adds Record-Route, so that requests in the dialog find their way from either side (16.6 step 4):
/// one if both sides use one socket and need no flow, else one for each side. Towards another peer
/// there is but one, and what is above ours in a request of another peer is sealed into ours.
class RecordRoutes {
 public:
  RecordRoutes(const Transports& transports, const FlowTokens& tokens, std::string own_peer_id)
      : transports_(transports), tokens_(tokens), own_peer_id_(std::move(own_peer_id)) {}

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
  std::string own_peer_id_;
};

/// Puts the first Route's URI into the Request-URI if it has no lr parameter (16.6 step 6).
void serve_strict_router(SipMessage& message);

/// The parameter of our inter-peer URIs that says whose certificate to expect.
inline constexpr std::string_view peer_id_param = "peer-id";

}  // namespace carillon::sip
