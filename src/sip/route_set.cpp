#include "sip/route_set.hpp"

#include "sip/name_address.hpp"

namespace carillon::sip {
namespace {

/// What the user part of one own Route value says.
RouteVerdict read_token(const Uri& uri, std::string_view call_id, const FlowTokens& tokens,
                        WallTime now) {
  if (uri.user.empty()) return {};
  if (auto token = tokens.read(uri.user, TokenPurpose::dialog, call_id, now)) {
    return {RouteVerdict::Kind::dialog, std::move(token->hop)};
  }
  if (auto token = tokens.read(uri.user, TokenPurpose::contact, {}, now)) {
    return {RouteVerdict::Kind::contact, std::move(token->hop)};
  }
  return {RouteVerdict::Kind::forged, {}};
}

/// A strict router before us has put our own Record-Route URI into the Request-URI; the one that
/// was there is the last Route (16.4).
void undo_strict_routing(SipMessage& message, const Domains& domains) {
  const auto uri = Uri::parse(message.request_uri());
  if (!uri || uri->param("lr") == nullptr || !domains.is_own_address(*uri)) return;
  const auto count = message.count(HeaderId::route);
  if (count == 0) return;
  const auto last = NameAddress::parse(message.header(HeaderId::route, count - 1));
  if (!last) return;
  const auto own = "<" + std::string{message.request_uri()} + ">";
  message.set_request_uri(last->uri_text);
  message.remove_at(HeaderId::route, count - 1);
  message.prepend(HeaderId::route, own);
}

/// "sip" or, as the request must stay under TLS, "sips" (16.6 step 4).
std::string record_route(std::string_view scheme, const DialogSide& side, std::string_view call_id,
                         const Transports& transports, const FlowTokens& tokens,
                         const std::string& own_peer_id, WallTime now) {
  const auto* local = transports.local(side.local);
  if (local == nullptr) return {};
  auto out = std::string{"<"}.append(scheme).append(":");
  out.append(tokens.make(TokenPurpose::dialog, side.flow, call_id, now)).append("@");
  out.append(local->advertised.text());
  if (local->transport != Transport::udp) {
    out.append(";transport=").append(uri_name(local->transport));
  }
  if (local->transport == Transport::tls_peer && !own_peer_id.empty()) {
    out.append(";").append(peer_id_param).append("=").append(own_peer_id);
  }
  return out + ";lr>";
}

}  // namespace

RouteVerdict take_own_routes(SipMessage& message, const Domains& domains, const FlowTokens& tokens,
                             WallTime now) {
  undo_strict_routing(message, domains);
  RouteVerdict verdict;
  while (message.has(HeaderId::route)) {
    const auto route = NameAddress::parse(message.header(HeaderId::route));
    if (!route || !domains.is_own_route(route->uri)) break;
    auto next = read_token(route->uri, message.header(HeaderId::call_id), tokens, now);
    message.remove_first(HeaderId::route);
    if (next.kind == RouteVerdict::Kind::forged) return next;
    // Of two of ours, the second is for the side that the request goes to.
    if (next.kind != RouteVerdict::Kind::plain) verdict = std::move(next);
  }
  return verdict;
}

void add_record_route(SipMessage& message, const DialogSide& caller, const DialogSide& called,
                      const Transports& transports, const FlowTokens& tokens,
                      const std::string& own_peer_id, WallTime now) {
  const std::string call_id{message.header(HeaderId::call_id)};
  const auto scheme = is_sips(message.request_uri()) ? "sips" : "sip";
  const auto add = [&](const DialogSide& side) {
    const auto value = record_route(scheme, side, call_id, transports, tokens, own_peer_id, now);
    if (!value.empty()) message.prepend(HeaderId::record_route, value);
  };
  const bool one_will_do = caller.local == called.local && !caller.flow && !called.flow;
  if (!one_will_do) add(caller);
  add(called);
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
