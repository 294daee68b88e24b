#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sip/transaction.hpp"

namespace carillon::sip {

/// Who uses transactions: the proxy.
class TransactionUser {
 public:
  virtual ~TransactionUser() = default;
  virtual void handle_response(TransactionId client, SipMessage response) = 0;
  virtual void handle_failure(TransactionId client, ClientFailure failure) = 0;
  virtual void handle_server_ended(TransactionId server) = 0;
};

/// What sends messages.
class MessageSender {
 public:
  virtual ~MessageSender() = default;
  /// False if it cannot be sent, now or ever.
  virtual bool send(const Hop& hop, std::string octets) = 0;
};

/// The transactions of a core (RFC 3261, 17): finds the one that a message belongs to.
class TransactionLayer final : public TransactionHost {
 public:
  TransactionLayer(CoreContext& context, MessageSender& sender)
      : context_(context), sender_(sender), client_keys_(0, KeyedStringHash{context.hash}) {}
  void set_user(TransactionUser* user) { user_ = user; }
  /// Makes the tables as large as so many server transactions need.
  void reserve(std::size_t servers);

  // Server side.

  /// A retransmission or an ACK of a transaction that there is: dealt with. An ACK for a 2xx is
  /// not: it is the proxy's business.
  [[nodiscard]] bool absorb(const IncomingRequest& request);
  /// Nothing if there are too many transactions. Those that only wait for retransmissions of what
  /// was answered make room, the oldest first.
  [[nodiscard]] std::optional<TransactionId> create_server(const IncomingRequest& request);
  /// The transaction of the request that a CANCEL wants to cancel (9.2).
  [[nodiscard]] std::optional<TransactionId> find_cancelled(const IncomingRequest& cancel) const;
  /// Another transaction has the same request, which came by two ways (8.2.2.2). Only requests
  /// that were told to `note_for_merge` count.
  [[nodiscard]] bool is_merged(const IncomingRequest& request) const;
  void note_for_merge(TransactionId server, const IncomingRequest& request);
  /// Sends a response; after the first final one (for INVITE, the first 2xx but for more 2xx)
  /// nothing else. Harmless when the transaction has ended.
  void respond(TransactionId server, const SipMessage& response);
  [[nodiscard]] bool is_answered(TransactionId server) const;

  // Client side.

  /// A branch for a Via of ours: unique, with `loop_hash` in it.
  [[nodiscard]] std::string make_branch(std::uint64_t loop_hash);
  /// The second part of a branch of ours.
  [[nodiscard]] static std::string_view loop_part(std::string_view branch);
  /// Sends `request`, whose topmost Via is ours. Nothing if there are too many transactions.
  [[nodiscard]] std::optional<TransactionId> create_client(SipMessage request, const Hop& hop);
  /// A response whose topmost Via is ours. False if it belongs to no transaction.
  [[nodiscard]] bool handle_response(SipMessage response, std::string_view branch);

  void handle_flow_closed(FlowId flow);
  void handle_unreachable(LocalTransportId local, const HostPort& remote);

  /// Destroys what has ended. Call when no transaction is at work: before each input.
  void clean_up();

  [[nodiscard]] std::size_t server_count() const { return servers_.size(); }
  [[nodiscard]] std::size_t client_count() const { return clients_.size(); }
  /// Somebody waits for a final response, from us or through us.
  [[nodiscard]] bool busy() const;
  /// The flows that such an answer will come or go on.
  [[nodiscard]] std::unordered_set<FlowId> awaited_flows() const;

 private:
  struct Server {
    std::unique_ptr<ServerTransaction> transaction;
    std::uint64_t key{};
    std::uint64_t merge_key{};  ///< 0: none.
    Method method{};
  };
  struct Client {
    std::unique_ptr<ClientTransaction> transaction;
    const std::string* key{};  ///< In the key map, whose nodes stay where they are.
  };

  bool send(const Hop& hop, std::string octets) override {
    return sender_.send(hop, std::move(octets));
  }
  void deliver(TransactionId client, SipMessage response) override;
  void failed(TransactionId client, ClientFailure failure) override;
  void server_ended(TransactionId server) override;
  void client_ended(TransactionId client) override;
  /// For so many more transactions.
  [[nodiscard]] bool make_room(std::size_t wanted);
  [[nodiscard]] std::uint64_t server_key(const IncomingRequest& request, Method method) const;
  [[nodiscard]] std::uint64_t merge_key(const IncomingRequest& request) const;

  CoreContext& context_;
  MessageSender& sender_;
  TransactionUser* user_{nullptr};
  std::uint64_t last_id_{0};
  std::unordered_map<std::uint64_t, ServerTransaction*> server_keys_;
  std::unordered_map<std::string, ClientTransaction*, KeyedStringHash, std::equal_to<>>
      client_keys_;
  std::unordered_map<TransactionId, Server> servers_;
  std::unordered_map<TransactionId, Client> clients_;
  std::unordered_map<std::uint64_t, TransactionId> merge_keys_;
  /// Not INVITE, answered over UDP: they end in this order, all after the same time (J).
  std::deque<TransactionId> answered_servers_;
  std::unordered_map<FlowId, std::unordered_set<TransactionId>> clients_on_flow_;
  std::vector<std::unique_ptr<ServerTransaction>> ended_servers_;
  std::vector<std::unique_ptr<ClientTransaction>> ended_clients_;
};

}  // namespace carillon::sip
