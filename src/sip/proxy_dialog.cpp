#include <algorithm>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/proxy.hpp"
#include "sip/text.hpp"

// Requests within dialogs: on the way that their Route tells, and past what is no more on it
// (docs/decisions/0025).

namespace carillon::sip {
namespace {

/// A peer that could not be reached is not asked again for so long, where there is another way.
constexpr seconds unreachable_for{30};

/// Of the phones of a user, the one that `uri` was the contact of: what stays the same when it
/// registers anew is the user part. All of them if none has it: whose dialog it is not says 481.
void keep_dialogs_phone(std::vector<LocatedBinding>& located, std::string_view uri) {
  const auto contact = Uri::parse(uri);
  const auto is_other = [&](const LocatedBinding& found) {
    const auto other = Uri::parse(found.binding.contact);
    return !contact || !other || other->user != contact->user;
  };
  if (!std::ranges::all_of(located, is_other)) std::erase_if(located, is_other);
}

}  // namespace

void Proxy::handle_in_dialog(IncomingRequest request, std::uint64_t hash, RouteVerdict verdict) {
  auto& message = request.message;
  // To a GRUU, which is a user of ours: where the phone is now (RFC 5627, 6.1).
  if (const auto uri = Uri::parse(message.request_uri());
      !verdict.on_flow && uri && Gruus::is_gruu(*uri) && !message.has(HeaderId::route)) {
    if (auto aor = parts_.domains.served_aor(*uri)) {
      if (const auto context = open_context(std::move(request), hash)) {
        look_up_user(context, *uri, *std::move(aor));
      }
      return;
    }
  }
  pass_over_unreachable(message, verdict);
  auto target = dialog_target(message, verdict);
  if (!target && verdict.aor.empty()) {
    return parts_.responder.reply_stateless(request, verdict.on_flow ? 430 : 404);
  }
  const auto context = open_context(std::move(request), hash);
  if (!context) return;
  context->aor = verdict.aor;
  context->dialog = std::move(verdict);
  if (target) return start(context, *std::move(target));
  context->dialog.reset();
  seek_phone(context);
}

std::optional<Hop> Proxy::live_flow(const std::optional<Hop>& flow) const {
  if (!flow) return std::nullopt;
  if (flow->transport != Transport::udp) return parts_.transports.on_flow(flow->flow);
  return parts_.transports.local(flow->local) != nullptr ? flow : std::nullopt;
}

/// Where a token, the next Route or the Request-URI leads.
std::optional<Target> Proxy::dialog_target(const SipMessage& message,
                                           const RouteVerdict& verdict) const {
  std::string uri{message.request_uri()};
  if (verdict.on_flow) {
    Target target;
    target.request_uri = std::move(uri);
    target.hop = live_flow(verdict.flow);
    target.on_flow = true;
    if (!target.hop) return std::nullopt;
    return target;
  }
  if (message.has(HeaderId::route)) {
    const auto route = NameAddress::parse(message.header(HeaderId::route));
    if (!route) return std::nullopt;
    return target_at(route->uri, std::move(uri), parts_.transports);
  }
  const auto next = Uri::parse(uri);
  // To ourselves, a phone's contact never leads.
  if (!next || parts_.domains.is_own_address(*next)) return std::nullopt;
  return target_at(*next, std::move(uri), parts_.transports);
}

/// How requests in the dialog get to who sends this one.
DialogSide Proxy::caller_side(const IncomingRequest& request, bool on_flow) const {
  const auto& hop = request.source.hop;
  if (!on_flow) return {hop.local, {}, {}};
  return {hop.local, hop, parts_.domains.served_aor(request.from).value_or(std::string{})};
}

void Proxy::note_unreachable(const std::string& peer_id) {
  const auto now = parts_.context.now.monotonic;
  std::erase_if(unreachable_, [now](const auto& known) { return known.second <= now; });
  unreachable_[peer_id] = now + unreachable_for;
}

/// Does what the next peer would do if that was found to be unreachable lately.
void Proxy::pass_over_unreachable(SipMessage& message, RouteVerdict& verdict) const {
  if (verdict.on_flow) return;
  const auto known = unreachable_.find(next_peer(message));
  if (known == unreachable_.end() || known->second <= parts_.context.now.monotonic) return;
  verdict = take_routes_of_peers(message, parts_.tokens, parts_.context.now.wall);
}

/// The peer or the flow that it should have taken is gone: on to where the phone is now. False if
/// nothing tells where; tried once.
bool Proxy::take_over(const ContextPtr& context) {
  if (!context->dialog || context->final_sent || context->cancelled) return false;
  auto& message = context->request.message;
  auto way = *std::exchange(context->dialog, std::nullopt);
  if (!way.on_flow) {
    if (next_peer(message).empty()) return false;  // It is the phone itself that was not reached.
    way = take_routes_of_peers(message, parts_.tokens, parts_.context.now.wall);
    if (way.kind != RouteVerdict::Kind::dialog) return false;
  }
  if (way.on_flow) {
    if (way.aor.empty()) return false;
    context->aor = std::move(way.aor);
    seek_phone(context);
    return true;
  }
  auto target = dialog_target(message, way);
  if (!target) return false;
  ++parts_.context.counters.taken_over;
  context->waiting.push_back(*std::move(target));
  return true;
}

void Proxy::seek_phone(const ContextPtr& context) {
  say_trying(context);
  context->looking_up = true;
  find_phone(context->aor, std::string{context->request.message.request_uri()},
             [this, context](std::vector<Target> targets) {
               context->looking_up = false;
               if (context->final_sent) return;
               if (targets.empty()) context->best.add(parts_.responder.make(context->request, 430));
               context->request.message.remove_all(HeaderId::route);
               for (auto& target : targets)
                 context->waiting.push_back(std::move(target));
               conclude(context);
             });
}

/// Where the phone of `aor` whose contact was `uri` is registered now.
void Proxy::find_phone(const std::string& aor, std::string uri,
                       std::move_only_function<void(std::vector<Target>)> found) {
  ++parts_.context.counters.taken_over;
  ++parts_.context.counters.lookups;
  parts_.locations.lookup(aor, [this, aor, uri = std::move(uri), found = std::move(found),
                                alive = std::weak_ptr{parts_.context.alive}](
                                   Result<std::vector<LocatedBinding>> located) mutable {
    if (alive.expired()) return;
    if (!located) {
      parts_.context.notice(Severity::warning, "proxy: " + aor + ": " + located.error().message());
      return found({});
    }
    keep_dialogs_phone(*located, uri);
    found(targets_for(*located, parts_.registrar.bindings(aor), parts_.context.options.peer_id,
                      parts_.transports, parts_.context.now.monotonic));
  });
}

/// An ACK for a 2xx: to its target, or to where the phone is now.
void Proxy::handle_ack(IncomingRequest ack) {
  const auto hash = loop_hash(ack.message);
  const auto hops = decimal(ack.message.header(HeaderId::max_forwards), 255);
  const bool looped =
      ack.message.header(HeaderId::via).find("." + hex64(hash)) != std::string_view::npos;
  auto verdict =
      take_own_routes(ack.message, parts_.domains, parts_.tokens, parts_.context.now.wall);
  // By the token of a contact, too: another peer has looked the phone up.
  const bool allowed = verdict.kind == RouteVerdict::Kind::dialog ||
                       (verdict.kind == RouteVerdict::Kind::contact && ack.source.is_peer());
  if (!allowed || hops == 0 || looped) {
    // Nobody waits for an answer to an ACK; the one for a stateless 407 ends here, too.
    if (!parts_.responder.is_own_ack(ack)) ++parts_.context.counters.dropped;
    return;
  }
  pass_over_unreachable(ack.message, verdict);
  if (const auto target = dialog_target(ack.message, verdict)) {
    return locate_ack(std::move(ack), hash, *target);
  }
  if (verdict.aor.empty() || verdict.kind != RouteVerdict::Kind::dialog) {
    ++parts_.context.counters.dropped;
    return;
  }
  std::string uri{ack.message.request_uri()};
  find_phone(verdict.aor, std::move(uri),
             [this, ack = std::move(ack), hash](const std::vector<Target>& targets) mutable {
               ack.message.remove_all(HeaderId::route);
               for (const auto& target : targets)
                 forward_ack(ack, hash, target);
             });
}

void Proxy::locate_ack(IncomingRequest ack, std::uint64_t hash, const Target& target) {
  if (!target.server) return forward_ack(ack, hash, target);
  parts_.locator.locate(*target.server, [this, ack = std::move(ack), hash, target,
                                         alive = std::weak_ptr{parts_.context.alive}](
                                            const std::vector<Server>& servers) {
    if (!alive.expired()) forward_ack(ack, hash, with_servers(target, servers, parts_.transports));
  });
}

void Proxy::forward_ack(const IncomingRequest& ack, std::uint64_t hash, const Target& target) {
  auto& counters = parts_.context.counters;
  const auto hop = hop_to(target);
  if (!hop) {
    ++counters.dropped;
    return;
  }
  auto message = forwarded(ack, target);
  parts_.identities.pass_on(message, ack, target, *hop);
  // The same branch for each retransmission (16.11).
  const auto branch = std::string{magic_cookie} +
                      hex64(parts_.context.hash(std::string{ack.via.branch()} + " ACK")) + "." +
                      hex64(hash);
  message.prepend(HeaderId::via, parts_.transports.via(*hop, branch));
  ++counters.requests_out;
  parts_.transports.send(*hop, message.serialize());
}

}  // namespace carillon::sip
