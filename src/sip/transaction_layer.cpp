#include "sip/transaction_layer.hpp"

#include <algorithm>

#include "sip/client_transactions.hpp"
#include "sip/name_address.hpp"
#include "sip/server_transactions.hpp"

namespace carillon::sip {
namespace {

std::string client_key(std::string_view branch, std::string_view method) {
  return std::string{branch}.append("\n").append(method);
}

}  // namespace

/// 17.2.3: branch, sent-by and method, where ACK and the request that a CANCEL cancels count as
/// INVITE. Without the magic cookie, what RFC 2543 compared. All of it hashed under our key: nobody
/// can make two requests that agree.
std::uint64_t TransactionLayer::server_key(const IncomingRequest& request, Method method) const {
  const auto& message = request.message;
  const bool invite = method == Method::invite || method == Method::ack;
  std::string key;
  key.reserve(128);
  if (request.via.has_magic_cookie()) {
    key.append(request.via.branch()).append("\n").append(request.via.sent_by().text());
  } else {
    key.append("2543\n").append(message.request_uri()).append("\n");
    key.append(message.header(HeaderId::call_id)).append("\n");
    key.append(tag_of(message.header(HeaderId::from))).append("\n");
    key.append(std::to_string(request.cseq)).append("\n");
    key.append(request.via.sent_by().text()).append("\n").append(request.via.branch());
  }
  // A CANCEL is looked for under INVITE; under its own name it is a transaction of its own.
  return context_.hash(key.append("\n").append(invite ? "INVITE" : message.method_text()));
}

bool TransactionLayer::absorb(const IncomingRequest& request) {
  const auto method = request.message.method();
  const auto found = server_keys_.find(server_key(request, method));
  if (found == server_keys_.end()) return false;
  if (method == Method::ack) return found->second->handle_ack();
  ++context_.counters.retransmissions;
  found->second->handle_retransmission();
  return true;
}

void TransactionLayer::reserve(std::size_t servers) {
  server_keys_.reserve(servers);
  servers_.reserve(servers);
  merge_keys_.reserve(servers);
}

bool TransactionLayer::make_room(std::size_t wanted) {
  while (servers_.size() + clients_.size() + wanted > context_.options.limits.transactions) {
    if (answered_servers_.empty()) return false;
    const auto oldest = answered_servers_.front();
    answered_servers_.pop_front();
    server_ended(oldest);
  }
  return true;
}

std::optional<TransactionId> TransactionLayer::create_server(const IncomingRequest& request) {
  const auto method = request.message.method();
  // An INVITE will want one more, to who is called.
  if (!make_room(method == Method::invite ? 2 : 1)) return std::nullopt;
  const TransactionId id{++last_id_};
  std::unique_ptr<ServerTransaction> transaction;
  if (method == Method::invite) {
    transaction = std::make_unique<InviteServer>(context_, *this, id, request.reply_to);
  } else {
    transaction = std::make_unique<NonInviteServer>(context_, *this, id, request.reply_to);
  }
  const auto key = server_key(request, method);
  if (!server_keys_.emplace(key, transaction.get()).second) return std::nullopt;
  servers_.emplace(id, Server{std::move(transaction), key, 0, method});
  return id;
}

std::optional<TransactionId> TransactionLayer::find_cancelled(const IncomingRequest& cancel) const {
  const auto found = server_keys_.find(server_key(cancel, Method::invite));
  if (found == server_keys_.end()) return std::nullopt;
  return found->second->id();
}

std::uint64_t TransactionLayer::merge_key(const IncomingRequest& request) const {
  const auto& message = request.message;
  std::string text{message.header(HeaderId::call_id)};
  text.append("\n").append(tag_of(message.header(HeaderId::from))).append("\n");
  text.append(std::to_string(request.cseq)).append(message.method_text());
  // The Request-URI is not among what 8.2.2.2 compares. Zero means none.
  return context_.hash(text) | 1;
}

bool TransactionLayer::is_merged(const IncomingRequest& request) const {
  return tag_of(request.message.header(HeaderId::to)).empty() &&
         merge_keys_.contains(merge_key(request));
}

void TransactionLayer::note_for_merge(TransactionId server, const IncomingRequest& request) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) return;
  const auto key = merge_key(request);
  if (merge_keys_.emplace(key, server).second) found->second.merge_key = key;
}

void TransactionLayer::respond(TransactionId server, const SipMessage& response) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) return;
  const auto group = static_cast<std::size_t>(response.status() / 100 - 1);
  ++context_.counters.responses_out.at(static_cast<std::size_t>(found->second.method)).at(group);
  auto& transaction = *found->second.transaction;
  if (response.status() >= 200 && found->second.method != Method::invite &&
      !is_reliable(transaction.reply_to().transport) && !transaction.answered()) {
    answered_servers_.push_back(server);
  }
  transaction.respond(response.status(), response.serialize());
}

bool TransactionLayer::is_answered(TransactionId server) const {
  const auto found = servers_.find(server);
  return found == servers_.end() || found->second.transaction->answered();
}

std::string TransactionLayer::make_branch(std::uint64_t loop_hash) {
  return std::string{magic_cookie} + hex64(context_.random.u64()) + "." + hex64(loop_hash);
}

std::string_view TransactionLayer::loop_part(std::string_view branch) {
  const auto dot = branch.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : branch.substr(dot + 1);
}

std::optional<TransactionId> TransactionLayer::create_client(SipMessage request, const Hop& hop) {
  if (!make_room(1)) return std::nullopt;
  const auto via = Via::parse(request.header(HeaderId::via));
  if (!via) return std::nullopt;
  const TransactionId id{++last_id_};
  const auto method = request.method();
  auto key = client_key(via->branch(), request.method_text());
  std::unique_ptr<ClientTransaction> transaction;
  if (method == Method::invite) {
    transaction = std::make_unique<InviteClient>(context_, *this, id, hop, std::move(request));
  } else {
    transaction = std::make_unique<NonInviteClient>(context_, *this, id, hop, request);
  }
  const auto [at, fresh] = client_keys_.emplace(std::move(key), transaction.get());
  if (!fresh) return std::nullopt;
  auto& started = *transaction;
  clients_.emplace(id, Client{std::move(transaction), &at->first});
  if (hop.flow != FlowId::none) clients_on_flow_[hop.flow].insert(id);
  ++context_.counters.requests_out;
  started.start();
  return id;
}

bool TransactionLayer::handle_response(SipMessage response, std::string_view branch) {
  const auto cseq = response.cseq();
  if (!cseq) return false;
  const auto found = client_keys_.find(client_key(branch, cseq->method));
  if (found == client_keys_.end()) return false;
  found->second->handle_response(std::move(response));
  return true;
}

void TransactionLayer::handle_flow_closed(FlowId flow) {
  const auto found = clients_on_flow_.find(flow);
  if (found == clients_on_flow_.end()) return;
  const std::vector<TransactionId> affected{found->second.begin(), found->second.end()};
  for (const auto id : affected) {
    const auto client = clients_.find(id);
    if (client != clients_.end()) client->second.transaction->handle_transport_error();
  }
}

void TransactionLayer::handle_unreachable(LocalTransportId local, const HostPort& remote) {
  std::vector<ClientTransaction*> affected;
  for (const auto& [id, entry] : clients_) {
    const auto& hop = entry.transaction->hop();
    if (hop.local == local && hop.remote == remote) affected.push_back(entry.transaction.get());
  }
  // Ended transactions are destroyed later, so the pointers stay good.
  for (auto* transaction : affected)
    transaction->handle_transport_error();
}

void TransactionLayer::clean_up() {
  ended_servers_.clear();
  ended_clients_.clear();
}

bool TransactionLayer::busy() const {
  return std::ranges::any_of(
             servers_, [](const auto& item) { return !item.second.transaction->answered(); }) ||
         std::ranges::any_of(clients_,
                             [](const auto& item) { return !item.second.transaction->answered(); });
}

std::unordered_set<FlowId> TransactionLayer::awaited_flows() const {
  std::unordered_set<FlowId> flows;
  for (const auto& [id, entry] : servers_) {
    if (!entry.transaction->answered()) flows.insert(entry.transaction->reply_to().flow);
  }
  for (const auto& [id, entry] : clients_) {
    if (!entry.transaction->answered()) flows.insert(entry.transaction->hop().flow);
  }
  return flows;
}

void TransactionLayer::deliver(TransactionId client, SipMessage response) {
  if (user_ != nullptr) user_->handle_response(client, std::move(response));
}

void TransactionLayer::failed(TransactionId client, ClientFailure failure) {
  if (user_ != nullptr) user_->handle_failure(client, failure);
}

void TransactionLayer::server_ended(TransactionId server) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) return;
  if (found->second.merge_key != 0) merge_keys_.erase(found->second.merge_key);
  server_keys_.erase(found->second.key);
  if (!answered_servers_.empty() && answered_servers_.front() == server) {
    answered_servers_.pop_front();
  }
  const bool invite = found->second.method == Method::invite;
  ended_servers_.push_back(std::move(found->second.transaction));
  servers_.erase(found);
  if (invite && user_ != nullptr) user_->handle_server_ended(server);
}

void TransactionLayer::client_ended(TransactionId client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  if (const auto flow = found->second.transaction->hop().flow; flow != FlowId::none) {
    const auto on_flow = clients_on_flow_.find(flow);
    if (on_flow != clients_on_flow_.end()) {
      on_flow->second.erase(client);
      if (on_flow->second.empty()) clients_on_flow_.erase(on_flow);
    }
  }
  client_keys_.erase(client_keys_.find(*found->second.key));
  ended_clients_.push_back(std::move(found->second.transaction));
  clients_.erase(found);
}

}  // namespace carillon::sip
