#include <tuple>
#include <utility>

#include "sip/proxy.hpp"
#include "sip/redirect.hpp"

namespace carillon::sip {

void Proxy::look_up(const ContextPtr& context, std::string aor) {
  context->aor = aor;
  say_trying(context);
  ++parts_.context.counters.lookups;
  parts_.locations.lookup(std::move(aor),
                          [this, context, alive = std::weak_ptr{parts_.context.alive}](
                              Result<std::vector<LocatedBinding>> located) {
                            if (!alive.expired()) handle_located(context, std::move(located));
                          });
}

void Proxy::handle_located(const ContextPtr& context, Result<std::vector<LocatedBinding>> located) {
  if (context->final_sent) return;
  const auto* own = parts_.registrar.bindings(context->aor);
  if (!located) {
    parts_.context.notice(Severity::warning,
                          "proxy: " + context->aor + ": " + located.error().message());
    if (own == nullptr) return refuse(context, 503);
    // What we serve ourselves we know without the overlay.
    std::vector<LocatedBinding> known;
    for (const auto& binding : *own) {
      known.push_back({binding.published(context->aor, parts_.tokens, parts_.context.now.wall),
                       parts_.context.options.peer_id,
                       {}});
    }
    located = std::move(known);
  } else {
    parts_.registrar.reconcile(context->aor, *located);
  }
  if (context->gruu) {
    std::erase_if(*located, [&](const LocatedBinding& found) {
      return !context->gruu->means(found.binding);
    });
  }
  for (auto& target : targets_for(*located, own, parts_.context.options.peer_id, parts_.transports,
                                  parts_.context.now.monotonic)) {
    context->waiting.push_back(std::move(target));
  }
  if (context->waiting.empty()) return tell_unreachable(context);
  if (may_redirect(*context) && redirect(context)) return;
  start_next(context);
}

bool Proxy::may_redirect(const ForkContext& context) const {
  switch (parts_.context.options.redirect) {
    case Redirect::nobody:
      return false;
    case Redirect::trusted:
      return parts_.context.trusts(context.request.source);
    case Redirect::everyone:
      // Another peer wants it delivered.
      return !context.request.source.is_peer();
  }
  return false;
}

/// RFC 3261, 8.3. False if one of the contacts can be reached through us (or another peer) alone.
bool Proxy::redirect(const ContextPtr& context) {
  const auto contacts = redirect_contacts(context->waiting);
  if (contacts.empty()) return false;
  auto response = parts_.responder.make(context->request, 302, "Moved Temporarily");
  for (const auto& contact : contacts)
    response.append(HeaderId::contact, contact);
  context->waiting.clear();
  ++parts_.context.counters.redirects;
  send_final(context, response);
  return true;
}

/// Nobody is registered: 480 if there is such a user, else 404.
void Proxy::tell_unreachable(const ContextPtr& context) {
  if (parts_.credentials.cached(context->aor, parts_.context.options.credential_age))
    return refuse(context, 480);
  parts_.credentials.find(
      context->aor, UserQuestion::credential,
      [this, context, alive = std::weak_ptr{parts_.context.alive}](const Result<FoundUser>& found) {
        if (alive.expired() || context->final_sent) return;
        const bool unknown = !found && found.error().code == ErrorCode::not_found;
        if (unknown && try_trunk(context)) return;
        refuse(context, unknown ? 404 : 480);
      });
}

/// What no user here has may be a number of the telephone network. Only our own users get there,
/// and nothing goes back to where it came from, or out a second time.
bool Proxy::try_trunk(const ContextPtr& context) {
  const auto& [message, source] = std::tie(context->request.message, context->request.source);
  const auto user = std::string_view{context->aor}.substr(0, context->aor.rfind('@'));
  if (!context->own_user || context->gruu || !parts_.trunks.take(user)) return false;
  for (std::size_t i = 0; i < message.count(HeaderId::via); ++i) {
    const auto via = Via::parse(message.header(HeaderId::via, i));
    if (!via || !parts_.transports.is_own(via->sent_by())) continue;
    refuse(context, 482);
    return true;
  }
  const auto uri = Uri::parse(message.request_uri());
  const auto trusted = parts_.context.trusts(source);
  auto target = uri ? parts_.trunks.target_for(user, *uri, message.request_uri(),
                                               trusted ? source.hop.remote.host : std::string{})
                    : std::nullopt;
  if (!target) return false;
  ++parts_.context.counters.trunk_requests;
  start(context, *std::move(target));
  return true;
}

}  // namespace carillon::sip
