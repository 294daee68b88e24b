#include <tuple>
#include <utility>

#include "sip/proxy.hpp"
#include "sip/redirect.hpp"

namespace carillon::sip {

void Proxy::look_up(const ContextPtr& context, std::string aor) {
  context->aor = aor;
  // It may take a while: the caller shall not repeat its INVITE meanwhile (16.2).
  if (context->is_invite) parts_.responder.reply(context->server, context->request, 100);
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
      known.push_back({binding.published(parts_.tokens, parts_.context.now.wall),
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
        refuse(context, unknown ? 404 : 480);
      });
}

}  // namespace carillon::sip
