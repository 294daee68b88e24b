#include "sip/route_set.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>

#include "sip/name_address.hpp"

namespace carillon::sip {
namespace {

/// What the user part of one own Route value says.
RouteVerdict read_token(const Uri& uri, std::string_view call_id, const FlowTokens& tokens,
                        WallTime now) {
  if (uri.user.empty()) return {};
  const auto verdict = [](RouteVerdict::Kind kind, FlowToken token) {
    const bool on_flow = token.hop || token.elsewhere;
    return RouteVerdict{kind, on_flow, std::move(token.hop), std::move(token.aor),
                        std::move(token.routes)};
  };
  if (auto token = tokens.read(uri.user, TokenPurpose::dialog, call_id, now)) {
    return verdict(RouteVerdict::Kind::dialog, *std::move(token));
  }
  if (auto token = tokens.read(uri.user, TokenPurpose::contact, {}, now)) {
    return verdict(RouteVerdict::Kind::contact, *std::move(token));
  }
  return {.kind = RouteVerdict::Kind::forged};
}

/// A strict router before us has put our own Record-Route URI into the Request-URI; the one that
/// was there is the last Route (16.4).
void undo_strict_routing(SipMessage& message, const Domains& domains) {
  const auto uri = Uri::parse(message.request_uri());
  if (!uri || uri->param("lr") == nullptr || !domains.is_own_record(*uri)) return;
  const auto count = message.count(HeaderId::route);
  if (count == 0) return;
  const auto last = NameAddress::parse(message.header(HeaderId::route, count - 1));
  if (!last) return;
  const auto own = "<" + std::string{message.request_uri()} + ">";
  message.set_request_uri(last->uri_text);
  message.remove_at(HeaderId::route, count - 1);
  message.prepend(HeaderId::route, own);
}

/// Whether a Record-Route value is one that peers write for each other.
bool is_inside(std::string_view value) {
  const auto address = NameAddress::parse(value);
  return address && find_param(address->uri.params, peer_id_param) != nullptr;
}

/// Takes those of other peers off the top, in the order in which a request comes by them.
std::vector<std::string> take_inside_routes(SipMessage& message) {
  std::vector<std::string> routes;
  while (is_inside(message.header(HeaderId::record_route))) {
    routes.emplace_back(message.header(HeaderId::record_route));
    message.remove_first(HeaderId::record_route);
  }
  return routes;
}

}  // namespace

RouteVerdict take_own_routes(SipMessage& message, const Domains& domains, const FlowTokens& tokens,
                             WallTime now) {
  undo_strict_routing(message, domains);
  RouteVerdict verdict;
  while (message.has(HeaderId::route)) {
    const auto route = NameAddress::parse(message.header(HeaderId::route));
    if (!route) break;
    const bool own = domains.is_own_route(route->uri);
    if (!own && find_param(route->uri.params, peer_id_param) != nullptr) break;
    auto next = read_token(route->uri, message.header(HeaderId::call_id), tokens, now);
    if (!own && next.kind != RouteVerdict::Kind::dialog) break;
    message.remove_first(HeaderId::route);
    if (next.kind == RouteVerdict::Kind::forged) return next;
    for (const auto& sealed : std::views::reverse(std::exchange(next.sealed, {})))
      message.prepend(HeaderId::route, sealed);
    // Of two of ours, the second is for the side that the request goes to.
    if (next.kind != RouteVerdict::Kind::plain) verdict = std::move(next);
  }
  return verdict;
}

std::string next_peer(const SipMessage& message) {
  if (!message.has(HeaderId::route)) return {};
  const auto route = NameAddress::parse(message.header(HeaderId::route));
  return route ? std::string{param_value(route->uri.params, peer_id_param)} : std::string{};
}

RouteVerdict take_routes_of_peers(SipMessage& message, const FlowTokens& tokens, WallTime now) {
  RouteVerdict verdict;
  while (!next_peer(message).empty()) {
    const auto route = NameAddress::parse(message.header(HeaderId::route));
    verdict = read_token(route->uri, message.header(HeaderId::call_id), tokens, now);
    message.remove_first(HeaderId::route);
  }
  return verdict;
}

bool RecordRoutes::is_peer_side(const DialogSide& side) const {
  const auto* local = transports_.local(side.local);
  return local != nullptr && local->transport == Transport::tls_peer;
}

/// `scheme`: "sip" or, as the request must stay under TLS, "sips" (16.6 step 4).
std::string RecordRoutes::value(std::string_view scheme, const DialogSide& side,
                                std::vector<std::string> sealed, std::string_view call_id,
                                WallTime now) const {
  const auto* local = transports_.local(side.local);
  if (local == nullptr) return {};
  auto out = std::string{"<"}.append(scheme).append(":");
  out.append(
      tokens_.make(TokenPurpose::dialog, {side.flow, side.aor, std::move(sealed)}, call_id, now));
  const bool for_phones = local->transport != Transport::tls_peer;
  const auto& name = options_.record_route;
  out.append("@").append(for_phones && !name.empty() ? name : local->advertised.text());
  if (local->transport != Transport::udp) {
    out.append(";transport=").append(uri_name(local->transport));
  }
  if (!for_phones && !options_.peer_id.empty()) {
    out.append(";").append(peer_id_param).append("=").append(options_.peer_id);
  }
  return out + ";lr>";
}

RouteRewrite RecordRoutes::add(SipMessage& message, const DialogSide& caller,
                               const DialogSide& called, WallTime now) const {
  const std::string call_id{message.header(HeaderId::call_id)};
  RouteRewrite how;
  how.sips = is_sips(message.request_uri());
  const auto make = [&](const DialogSide& side, std::vector<std::string> sealed = {}) {
    return value(how.sips ? "sips" : "sip", side, std::move(sealed), call_id, now);
  };
  const auto add_value = [&message](const std::string& text) {
    if (!text.empty()) message.prepend(HeaderId::record_route, text);
    return text;
  };
  const bool from_peer = is_peer_side(caller);
  const bool to_peer = is_peer_side(called);
  if (to_peer) {
    // From the other peer to the caller's flow, if need be.
    how.own = add_value(make({called.local, caller.flow, caller.aor}));
    if (!from_peer) how.caller = caller.local;
  } else if (from_peer) {
    auto inside = take_inside_routes(message);
    how.own = add_value(make({called.local, {}, {}}, inside));
    how.for_peer = std::move(inside);
    how.for_peer.insert(how.for_peer.begin(), make({caller.local, called.flow, called.aor}));
  } else {
    const bool one_will_do = caller.local == called.local && !caller.flow && !called.flow;
    if (!one_will_do) add_value(make(caller));
    add_value(make(called));
  }
  return how;
}

void RecordRoutes::rewrite(SipMessage& response, const RouteRewrite& how, WallTime now) const {
  if (how.own.empty()) return;
  std::vector<std::string> routes;
  for (std::size_t i = 0; i < response.count(HeaderId::record_route); ++i)
    routes.emplace_back(response.header(HeaderId::record_route, i));
  const auto own = std::ranges::find(routes, how.own);
  if (own == routes.end()) return;  // It is not told, or by a phone that tells something else.
  auto first = own;
  std::vector<std::string> instead = how.for_peer;
  if (how.caller) {
    std::vector<std::string> sealed;
    while (first != routes.begin() && is_inside(*std::prev(first)))
      sealed.push_back(std::move(*--first));
    instead = {value(how.sips ? "sips" : "sip", {*how.caller, {}, {}}, std::move(sealed),
                     response.header(HeaderId::call_id), now)};
  }
  if (instead.empty()) return;
  response.remove_all(HeaderId::record_route);
  for (auto at = routes.begin(); at != first; ++at)
    response.append(HeaderId::record_route, *at);
  for (const auto& text : instead)
    response.append(HeaderId::record_route, text);
  for (auto at = std::next(own); at != routes.end(); ++at)
    response.append(HeaderId::record_route, *at);
}

void serve_strict_router(SipMessage& message) {
  const auto route = NameAddress::parse(message.header(HeaderId::route));
  if (!route || route->uri.param("lr") != nullptr) return;
  const std::string uri{message.request_uri()};
  message.set_request_uri(route->uri_text);
  message.remove_first(HeaderId::route);
  message.append(HeaderId::route, "<" + uri + ">");
}

}  // namespace carillon::sip
