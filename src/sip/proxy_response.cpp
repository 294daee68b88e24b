#include <ranges>
#include <utility>

#include "sip/client_transactions.hpp"
#include "sip/proxy.hpp"

namespace carillon::sip {
namespace {

/// The phone was not reached; another flow of it may do better (RFC 5626, 5.3).
bool is_flow_failure(int status) {
  return status == 430 || status == 408 || status == 503;
}

/// The trunk cannot take the call, which says nothing of who is called. `silent`: it said nothing.
bool is_trunk_failure(int status, bool silent) {
  return silent || status == 500 || (status >= 502 && status <= 504);
}

void show_vias(SipMessage& response, const std::vector<std::string>& vias) {
  response.remove_all(HeaderId::via);
  for (const auto& via : std::views::reverse(vias))
    response.prepend(HeaderId::via, via);
}

/// Some phones copy only the first Via or two. What the request had says where the response goes;
/// once all is said it is not kept, and then the response must do.
void restore_vias(SipMessage& response, const SipMessage& request) {
  if (!request.has(HeaderId::via)) return;
  response.remove_all(HeaderId::via);
  for (std::size_t i = request.count(HeaderId::via); i-- > 0;)
    response.prepend(HeaderId::via, request.header(HeaderId::via, i));
}

}  // namespace

void Proxy::handle_response(TransactionId client, SipMessage response) {
  const auto found = branches_.find(client);
  if (found == branches_.end()) return parts_.events.handle_response(client, response);
  const auto context = found->second.context.lock();
  if (!context) return;
  auto& branch = *found->second.branch;
  response.remove_first(HeaderId::via);
  if (!context->hidden_vias.empty()) {
    show_vias(response, context->hidden_vias);
  } else if (response.count(HeaderId::via) != context->request.message.count(HeaderId::via)) {
    restore_vias(response, context->request.message);
  }
  if (!response.has(HeaderId::via)) return;
  routes_.rewrite(response, branch.route_rewrite, parts_.context.now.wall);
  const int status = response.status();
  if (status < 200) {
    branch.provisional = true;
    if (branch.abandoned) return cancel_abandoned(branch);
    if (branch.cancel) return cancel_branch(context, branch);
    if (status == 100) return;
    if (context->is_invite) set_timer_c(context, branch);
    if (!context->final_sent) parts_.responder.send(context->server, response);
    return;
  }
  if (status < 300 && context->is_invite) {
    // Each 2xx goes back at once, also the second and its retransmissions (16.7 step 5).
    branch.answered = true;
    branch.timer.cancel();
    context->final_sent = true;
    context->waiting.clear();
    parts_.responder.send(context->server, response);
    cancel_branches(context);
    return release(*context);
  }
  if (!branch.answered) handle_final(context, branch, std::move(response));
}

void Proxy::handle_failure(TransactionId client, ClientFailure failure) {
  const auto found = branches_.find(client);
  if (found == branches_.end()) return parts_.events.handle_failure(client);
  const auto context = found->second.context.lock();
  if (!context || found->second.branch->answered) return;
  auto& branch = *found->second.branch;
  const bool unreachable = failure != ClientFailure::timeout;
  if (unreachable && !branch.target.peer_id.empty()) note_unreachable(branch.target.peer_id);
  give_up(context, branch, unreachable ? 503 : 408);
  conclude(context);
}

void Proxy::handle_server_ended(TransactionId server) {
  const auto found = contexts_.find(server);
  if (found == contexts_.end()) return;
  const auto context = found->second;
  cancel_branches(context);
  forget(*context);
}

/// As if the branch had answered so (16.7 step 6, 16.9).
void Proxy::give_up(const ContextPtr& context, Branch& branch, int status) {
  branch.silent = true;
  handle_final(context, branch, parts_.responder.make(context->request, status));
}

void Proxy::note_trunk(const Branch& branch, bool failed) {
  if (!branch.target.trunk) return;
  if (failed) {
    parts_.trunks.note_failure(*branch.target.trunk);
  } else {
    parts_.trunks.note_answer(*branch.target.trunk);
  }
}

void Proxy::handle_final(const ContextPtr& context, Branch& branch, SipMessage response) {
  branch.answered = true;
  branch.timer.cancel();
  const int status = response.status();
  const bool failed =
      branch.target.trunk ? is_trunk_failure(status, branch.silent) : is_flow_failure(status);
  note_trunk(branch, failed);
  if (status < 300) {
    if (!context->final_sent) send_final(context, response);
    return;
  }
  if (status == 430 && branch.target.located) {
    parts_.registrar.remove_foreign(context->aor, *branch.target.located);
  }
  context->best.add(std::move(response));
  if (status >= 600) {
    context->waiting.clear();
    cancel_branches(context);
  } else if (failed && !branch.target.alternates.empty() && !context->cancelled &&
             !context->final_sent) {
    context->waiting.push_front(with_next(branch.target));
    branch.target.alternates.clear();
  } else if (status == 430 || (branch.silent && status == 503)) {
    (void)take_over(context);
  }
  if (branch.client != TransactionId::none) conclude(context);
}

/// Goes on with what waits, or answers when nothing is left to wait for.
void Proxy::conclude(const ContextPtr& context) {
  if (context->final_sent) return release(*context);
  if (!context->all_answered()) return;
  if (context->looking_up && !context->cancelled) return;
  if (!context->waiting.empty()) return start_next(context);
  if (context->cancelled && !context->best.has_6xx()) {
    return send_final(context, parts_.responder.make(context->request, 487));
  }
  if (context->best.empty()) return;
  send_final(context, context->best.take());
}

void Proxy::send_final(const ContextPtr& context, const SipMessage& response) {
  context->final_sent = true;
  parts_.responder.send(context->server, response);
  // An INVITE's context stays as long as its server transaction, for further 2xx.
  if (!context->is_invite) return forget(*context);
  release(*context);
}

/// Once all is said, the messages are not needed any more, though the context is.
void Proxy::release(ForkContext& context) {
  if (!context.all_answered()) return;
  context.request.message = {};
  for (const auto& branch : context.branches) {
    if (!branch->abandoned) branch->request = {};
  }
}

void Proxy::cancel_branches(const ContextPtr& context) {
  for (const auto& branch : context->branches)
    cancel_branch(context, *branch);
}

void Proxy::cancel_branch(const ContextPtr& context, Branch& branch) {
  if (branch.answered || branch.cancel_sent || !context->is_invite) return;
  branch.cancel = true;
  // Not before something has come back: it could overtake the INVITE (9.1).
  if (!branch.provisional) return;
  branch.cancel_sent = true;
  (void)parts_.transactions.create_client(make_cancel(branch.request), branch.hop);
  // Who does not answer even that counts as cancelled (9.1).
  branch.timer.set(transaction_timeout, [this, weak = std::weak_ptr{context}, &branch] {
    const auto held = weak.lock();
    if (held && !branch.answered) give_up(held, branch, 487);
  });
}

/// It has woken up after all, while another rings.
void Proxy::cancel_abandoned(Branch& branch) {
  if (std::exchange(branch.cancel_sent, true)) return;
  (void)parts_.transactions.create_client(make_cancel(branch.request), branch.hop);
}

void Proxy::handle_cancel(const IncomingRequest& cancel) {
  auto& responder = parts_.responder;
  const auto cancelled = parts_.transactions.find_cancelled(cancel);
  if (!cancelled) return responder.reply_stateless(cancel, 481);
  const auto server = parts_.transactions.create_server(cancel);
  if (!server) return responder.reply_stateless(cancel, 503);
  responder.reply(*server, cancel, 200);
  const auto found = contexts_.find(*cancelled);
  if (found == contexts_.end()) return;
  const auto context = found->second;
  if (context->final_sent) return;
  context->cancelled = true;
  context->waiting.clear();
  cancel_branches(context);
  conclude(context);
}

void Proxy::forget(const ForkContext& context) {
  for (const auto& branch : context.branches)
    branches_.erase(branch->client);
  contexts_.erase(context.server);
}

}  // namespace carillon::sip
