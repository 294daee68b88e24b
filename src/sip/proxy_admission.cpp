#include <algorithm>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/phone_number.hpp"
#include "sip/proxy.hpp"
#include "sip/request_check.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::string_view allowed_methods =
    "INVITE, ACK, CANCEL, BYE, REGISTER, OPTIONS, MESSAGE, INFO, SUBSCRIBE, NOTIFY, REFER, UPDATE, "
    "PRACK, PUBLISH";

bool starts_dialog(Method method) {
  return method == Method::invite || method == Method::subscribe || method == Method::refer;
}

/// Requests to the sender must take the way that this one came: it does not say an address that
/// others reach it at (RFC 5626, 5.3.1).
bool is_on_flow(const IncomingRequest& request) {
  if (request.source.is_peer()) return false;
  if (request.source.hop.transport != Transport::udp) return true;
  // It came through another proxy, which has its own Record-Route.
  if (request.message.count(HeaderId::via) > 1) return false;
  if (is_translated(request)) return true;
  const auto contact = NameAddress::parse(request.message.header(HeaderId::contact));
  return contact && contact->uri.host_port().host != request.source.hop.remote.host;
}

}  // namespace

/// 16.3 step 4 and RFC 5393, 4.2: everything that routing depends on, but not the Via.
std::uint64_t Proxy::loop_hash(const SipMessage& message) const {
  std::string text{message.request_uri()};
  text.reserve(512);
  for (const auto id : {HeaderId::route, HeaderId::proxy_require, HeaderId::proxy_authorization}) {
    for (std::size_t i = 0; i < message.count(id); ++i) {
      text.append("\n").append(message.header(id, i));
    }
  }
  text.append("\n").append(tag_of(message.header(HeaderId::from)));
  text.append("\n").append(tag_of(message.header(HeaderId::to)));
  text.append("\n").append(message.header(HeaderId::call_id));
  text.append("\n").append(message.header(HeaderId::cseq));
  return parts_.context.hash(text);
}

bool Proxy::refuse_early(const IncomingRequest& request, std::uint64_t hash) {
  const auto& message = request.message;
  auto& responder = parts_.responder;
  if (message.has(HeaderId::max_forwards) &&
      decimal(message.header(HeaderId::max_forwards), 255).value_or(0) == 0) {
    responder.reply_stateless(request, 483);
    return true;
  }
  // Branches of ours end in the hash, which nobody else can compute.
  const auto mark = "." + hex64(hash);
  for (std::size_t i = 0; i < message.count(HeaderId::via); ++i) {
    if (message.header(HeaderId::via, i).find(mark) != std::string_view::npos) {
      responder.reply_stateless(request, 482);
      return true;
    }
  }
  if (const auto required = message.tokens(HeaderId::proxy_require); !required.empty()) {
    auto response = responder.make(request, 420);
    for (const auto& tag : required)
      response.append(HeaderId::unsupported, tag);
    responder.send_stateless(request, response);
    return true;
  }
  if (draining_ && message.method() == Method::invite &&
      tag_of(message.header(HeaderId::to)).empty()) {
    responder.reply_stateless(request, 503, "Leaving");
    return true;
  }
  return false;
}

void Proxy::handle_request(IncomingRequest request) {
  const auto hash = loop_hash(request.message);
  if (refuse_early(request, hash)) return;
  auto verdict =
      take_own_routes(request.message, parts_.domains, parts_.tokens, parts_.context.now.wall);
  switch (verdict.kind) {
    case RouteVerdict::Kind::forged:
      return parts_.responder.reply_stateless(request, 403);
    case RouteVerdict::Kind::plain:
      return handle_outside_dialog(std::move(request), hash);
    case RouteVerdict::Kind::dialog:
      // A token says that there is a dialog, not that this is of it. Who has none is not helped to
      // begin another, e.g. through a gateway that knows us; whose it is not says 481 (12.2.2).
      if (tag_of(request.message.header(HeaderId::to)).empty()) {
        return parts_.responder.reply_stateless(request, 403);
      }
      return handle_in_dialog(std::move(request), hash, std::move(verdict));
    case RouteVerdict::Kind::contact: {
      // Only peers have looked the phone up, and only they have authenticated the caller.
      if (!request.source.is_peer()) return parts_.responder.reply_stateless(request, 403);
      auto target = dialog_target(request.message, verdict);
      if (!target) return parts_.responder.reply_stateless(request, 430);
      if (const auto context = open_context(std::move(request), hash)) {
        context->aor = verdict.aor;
        start(context, *std::move(target));
      }
      return;
    }
  }
}

/// A number that is called as tel: is one of our users', or a trunk's: it becomes the SIP URI that
/// stands for it (RFC 3261, 19.1.6), in the context's domain if that is ours, else the caller's.
void Proxy::resolve_tel(SipMessage& message, const Uri& from) const {
  if (!iequals(message.request_uri().substr(0, 4), "tel:") || message.has(HeaderId::route)) return;
  const auto tel = TelUri::parse(message.request_uri());
  const auto& domains = parts_.context.options.domains;
  if (!tel || domains.empty()) return;
  auto domain = parts_.domains.served(from).value_or(parts_.domains.default_domain());
  if (std::ranges::find(domains, tel->context) != domains.end()) domain = tel->context;
  message.set_request_uri("sip:" + escaped_user(tel->user(domain)) + "@" + domain + ";user=phone");
}

void Proxy::handle_outside_dialog(IncomingRequest request, std::uint64_t hash) {
  resolve_tel(request.message, request.from);
  const auto& message = request.message;
  const auto uri = Uri::parse(message.request_uri());
  if (!uri) return parts_.responder.reply_stateless(request, 400, "Malformed Request-URI");
  if (uri->user.empty() && parts_.domains.served(*uri) && !message.has(HeaderId::route)) {
    return answer_for_ourselves(request);
  }
  const auto caller = claimed_caller(request);
  const auto realm = parts_.domains.served(caller);
  const bool trusted = parts_.context.trusts(request.source);
  if (!realm || !parts_.context.options.authenticate_requests || trusted) {
    const bool own_user = realm.has_value() || trusted;
    if (trusted) request.caller = parts_.domains.served_aor(caller).value_or(std::string{});
    if (const auto context = open_context(std::move(request), hash)) {
      handle_admitted(context, own_user);
    }
    return;
  }
  auto credentials = Authenticator::credentials(message, HeaderId::proxy_authorization, *realm);
  if (!credentials) {
    return parts_.responder.send_stateless(
        request, parts_.authenticator.challenge(message, HeaderId::proxy_authorization, *realm,
                                                false, parts_.responder.tag(request)));
  }
  const auto from_aor = parts_.domains.served_aor(caller).value_or(std::string{});
  if (parts_.context.guard.is_being_guessed(from_aor, parts_.context.now.monotonic)) {
    return parts_.responder.reply_stateless(request, 503, "Too many wrong passwords");
  }
  const auto context = open_context(std::move(request), hash);
  if (!context) return;
  parts_.authenticator.authenticate(*std::move(credentials), context->request.message.method_text(),
                                    *realm, parts_.context.options.credential_age,
                                    UserQuestion::credential,
                                    [this, context, from_aor](const AuthVerdict& verdict) {
                                      handle_verdict(context, from_aor, verdict);
                                    });
  say_trying(context);
}

void Proxy::handle_verdict(const ContextPtr& context, const std::string& from_aor,
                           const AuthVerdict& verdict) {
  using Kind = AuthVerdict::Kind;
  if (verdict.guessed) {
    parts_.context.guard.note_failure(context->request.source, from_aor,
                                      parts_.context.now.monotonic);
  }
  if (context->final_sent) return;
  switch (verdict.kind) {
    case Kind::accepted:
      if (verdict.user != from_aor && !may_be_anyone(verdict.user)) {
        return refuse(context, 403, "Not your address");
      }
      if (!parts_.context.guard.admit_user(verdict.user, parts_.context.now.monotonic)) {
        return refuse(context, 503, "Too many requests");
      }
      context->request.caller = from_aor;
      return handle_admitted(context, true);
    case Kind::challenge:
    case Kind::stale: {
      const auto realm = from_aor.substr(from_aor.rfind('@') + 1);
      return send_final(context,
                        parts_.authenticator.challenge(
                            context->request.message, HeaderId::proxy_authorization, realm,
                            verdict.kind == Kind::stale, parts_.responder.tag(context->request)));
    }
    case Kind::unknown_user:
      return refuse(context, 403);
    case Kind::unavailable:
      return refuse(context, 503);
  }
}

bool Proxy::may_be_anyone(const std::string& user) const {
  const auto& users = parts_.context.options.any_from;
  return std::ranges::find(users, user) != users.end();
}

void Proxy::handle_admitted(const ContextPtr& context, bool own_user) {
  context->own_user = own_user;
  const auto& message = context->request.message;
  if (message.has(HeaderId::route)) {
    const auto route = NameAddress::parse(message.header(HeaderId::route));
    const bool allowed = route && own_user && parts_.domains.is_allowed_foreign(route->uri);
    auto target = allowed
                      ? target_at(route->uri, std::string{message.request_uri()}, parts_.transports)
                      : std::nullopt;
    if (!target) return refuse(context, 403, "No relaying");
    return start(context, *std::move(target));
  }
  const auto uri = Uri::parse(message.request_uri());
  if (uri) {
    if (auto aor = parts_.domains.served_aor(*uri)) {
      if (try_subscribe(context, *aor)) return;
      return look_up_user(context, *uri, *std::move(aor));
    }
  }
  if (!uri || parts_.domains.served(*uri)) return refuse(context, 404);
  auto target = own_user && parts_.domains.is_allowed_foreign(*uri)
                    ? target_at(*uri, std::string{message.request_uri()}, parts_.transports)
                    : std::nullopt;
  if (!target) return refuse(context, 403, "No relaying");
  start(context, *std::move(target));
}

/// Who is registered is told to the user himself, and to servers that are trusted (RFC 3680, 4.6).
bool Proxy::try_subscribe(const ContextPtr& context, const std::string& aor) {
  const auto& request = context->request;
  if (!RegEvents::concerns(request.message)) return false;
  const bool allowed =
      parts_.context.trusts(request.source) || parts_.domains.served_aor(request.from) == aor;
  if (!allowed) {
    refuse(context, 403, "Not your registrations");
    return true;
  }
  context->final_sent = true;
  parts_.events.subscribe(context->server, request, aor);
  forget(*context);
  return true;
}

void Proxy::look_up_user(const ContextPtr& context, const Uri& uri, std::string aor) {
  if (!Gruus::is_gruu(uri)) return look_up(context, std::move(aor));
  context->gruu = parts_.context.gruus.read(uri, aor.substr(aor.rfind('@') + 1));
  if (!context->gruu) return refuse(context, 404);
  look_up(context, context->gruu->aor);
}

/// A request to the proxy itself (11.2). Without a transaction: asking again does no harm.
void Proxy::answer_for_ourselves(const IncomingRequest& request) {
  if (request.message.method() != Method::options) {
    return parts_.responder.reply_stateless(request, 404);
  }
  auto response = parts_.responder.make(request, 200);
  response.append(HeaderId::allow, allowed_methods);
  response.append(HeaderId::accept, "*/*");
  response.append(HeaderId::supported, "path, outbound, gruu");
  response.append(HeaderId::server, parts_.context.options.server_name);
  parts_.responder.send_stateless(request, response);
}

Proxy::ContextPtr Proxy::open_context(IncomingRequest request, std::uint64_t hash) {
  const auto server = parts_.transactions.create_server(request);
  if (!server) {
    ++parts_.context.counters.overloaded;
    parts_.responder.reply_stateless(request, 503);
    return nullptr;
  }
  auto context = std::make_shared<ForkContext>();
  context->server = *server;
  context->loop_hash = hash;
  context->is_invite = request.message.method() == Method::invite;
  context->record_route = starts_dialog(request.message.method());
  context->caller_on_flow = context->record_route && is_on_flow(request);
  context->request = std::move(request);
  contexts_.emplace(*server, context);
  return context;
}

void Proxy::refuse(const ContextPtr& context, int status, std::string_view reason) {
  send_final(context, parts_.responder.make(context->request, status, reason));
}

}  // namespace carillon::sip
