#include <ranges>
#include <utility>

#include "sip/name_address.hpp"
#include "sip/proxy.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::uint64_t default_max_forwards = 70;

}  // namespace

/// It may take a while: the caller shall not repeat its INVITE meanwhile, nor give us up (16.2,
/// 17.2.1).
void Proxy::say_trying(const ContextPtr& context) {
  if (!context->is_invite || context->final_sent) return;
  if (std::exchange(context->trying_sent, true)) return;
  parts_.responder.reply(context->server, context->request, 100);
}

void Proxy::start(const ContextPtr& context, Target target) {
  say_trying(context);
  context->waiting.push_back(std::move(target));
  start_next(context);
}

/// By the name's servers in turn (RFC 3263, 4.3): the next is tried when one fails or says 503.
void Proxy::locate(const ContextPtr& context, Target target) {
  auto query = *target.server;
  parts_.locator.locate(std::move(query), [this, context, target = std::move(target),
                                           alive = std::weak_ptr{parts_.context.alive}](
                                              const std::vector<Server>& servers) {
    if (alive.expired() || context->final_sent) return;
    auto found = with_servers(target, servers, parts_.transports);
    if (found.hop) {
      context->waiting.push_front(std::move(found));
    } else if (!target.alternates.empty()) {
      context->waiting.push_front(with_next(target));
    } else {
      // What an earlier one has said is better than that none is left.
      return context->best.empty() ? refuse(context, 503, "No server found") : conclude(context);
    }
    start_next(context);
  });
}

/// Starts all that wait, or with fork_by_q those of the highest q among them.
void Proxy::start_next(const ContextPtr& context) {
  const auto& options = parts_.context.options;
  if (context->waiting.front().server) {
    auto target = std::move(context->waiting.front());
    context->waiting.pop_front();
    return locate(context, std::move(target));
  }
  const auto q = context->waiting.front().q_thousandths;
  while (!context->waiting.empty() && context->branches.size() < options.limits.branches) {
    if (context->waiting.front().server) break;
    if (options.fork_by_q && context->waiting.front().q_thousandths != q) break;
    auto target = std::move(context->waiting.front());
    context->waiting.pop_front();
    start_branch(context, std::move(target));
  }
  if (context->branches.size() >= options.limits.branches) context->waiting.clear();
  conclude(context);
}

std::optional<Hop> Proxy::hop_to(const Target& target) {
  if (!target.peer_id.empty()) {
    return parts_.transports.to_peer(target.peer_id, target.peer_address);
  }
  if (!target.hop || target.hop->transport == Transport::udp) return target.hop;
  if (target.hop->flow == FlowId::none) {
    return parts_.transports.to_address(target.hop->transport, target.hop->remote,
                                        target.server_name);
  }
  return parts_.transports.on_flow(target.hop->flow);
}

void Proxy::start_branch(const ContextPtr& context, Target target) {
  context->branches.push_back(std::make_unique<Branch>(parts_.context));
  auto& branch = *context->branches.back();
  branch.target = std::move(target);
  const auto hop = hop_to(branch.target);
  if (!hop) return give_up(context, branch, branch.target.on_flow ? 430 : 503);
  branch.hop = *hop;
  if (is_sips(context->request.message.request_uri()) &&
      !(is_sips(branch.target.request_uri) && is_secure(hop->transport))) {
    return give_up(context, branch, 480);  // No way to the phone that is TLS all along.
  }
  auto message = forwarded(context->request, branch.target);
  parts_.identities.pass_on(message, context->request, branch.target, *hop);
  if (context->record_route) {
    branch.route_rewrite =
        routes_.add(message, caller_side(context->request, context->caller_on_flow),
                    {hop->local, branch.target.on_flow ? hop : std::nullopt, context->aor},
                    parts_.context.now.wall);
  }
  if (context->request.source.is_peer() && hop->transport != Transport::tls_peer) {
    hide_vias(*context, message);
  }
  message.prepend(HeaderId::via,
                  parts_.transports.via(*hop, parts_.transactions.make_branch(context->loop_hash)));
  if (context->is_invite) {
    branch.request = message;
    set_timer_c(context, branch);
  }
  const auto client = parts_.transactions.create_client(std::move(message), *hop);
  if (!client) return give_up(context, branch, 503);
  branch.client = *client;
  branches_.emplace(*client, BranchRef{context, &branch});
}

void Proxy::hide_vias(ForkContext& context, SipMessage& message) {
  if (context.hidden_vias.empty()) {
    for (std::size_t i = 0; i < message.count(HeaderId::via); ++i)
      context.hidden_vias.emplace_back(message.header(HeaderId::via, i));
  }
  message.remove_all(HeaderId::via);
}

/// The copy that goes out (16.6), without Via and Record-Route.
SipMessage Proxy::forwarded(const IncomingRequest& request, const Target& target) const {
  SipMessage message = request.message;
  // Who has registered with sips: can be reached with sip:, too (RFC 5630, 5.2).
  const bool downgrade = is_sips(target.request_uri) && !is_sips(message.request_uri());
  message.set_request_uri(downgrade ? "sip:" + target.request_uri.substr(5) : target.request_uri);
  const auto hops = decimal(message.header(HeaderId::max_forwards), 255);
  message.set(HeaderId::max_forwards, std::to_string(hops ? *hops - 1 : default_max_forwards));
  drop_own_credentials(message);
  for (const auto& route : std::views::reverse(target.routes))
    message.prepend(HeaderId::route, route);
  if (message.has(HeaderId::route)) serve_strict_router(message);
  if (target.answer) parts_.trunk_credentials.add(*target.answer, message);
  return message;
}

/// Credentials that were for us are nobody else's business (22.3).
void Proxy::drop_own_credentials(SipMessage& message) const {
  for (std::size_t i = message.count(HeaderId::proxy_authorization); i-- > 0;) {
    const auto credentials =
        DigestCredentials::parse(message.header(HeaderId::proxy_authorization, i));
    if (!credentials) continue;
    for (const auto& domain : parts_.context.options.domains) {
      if (iequals(credentials->realm, domain)) {
        message.remove_at(HeaderId::proxy_authorization, i);
        break;
      }
    }
  }
}

/// Nobody rings for more than three minutes (16.6 step 11, 16.8). Where there is another trunk,
/// a silent one is not waited for.
void Proxy::set_timer_c(const ContextPtr& context, Branch& branch) {
  const bool impatient =
      branch.target.trunk && !branch.provisional && !branch.target.alternates.empty();
  const auto patience = impatient ? parts_.context.options.trunk_patience : timer_c;
  branch.timer.set(patience, [this, weak = std::weak_ptr{context}, &branch] {
    const auto held = weak.lock();
    if (!held || branch.answered) return;
    if (branch.provisional) {
      cancel_branch(held, branch);
    } else {
      branch.abandoned = true;
      give_up(held, branch, 408);
    }
  });
}

}  // namespace carillon::sip
