#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sip/core_context.hpp"
#include "sip/hop.hpp"
#include "sip/sip_message.hpp"
#include "sip/transaction_timers.hpp"

namespace carillon::sip {

enum class TransactionId : std::uint64_t { none = 0 };

enum class ClientFailure : std::uint8_t {
  timeout,    ///< Nobody answered: like a 408 (RFC 3261, 16.9).
  transport,  ///< Could not be sent: like a 503.
};

/// What a transaction wants done. Called last in whatever it does, so that anything may be done
/// to the transaction from inside, but for destroying it: `ended` puts that off.
class TransactionHost {
 public:
  virtual ~TransactionHost() = default;
  /// False if the transport fails at once.
  virtual bool send(const Hop& hop, std::string octets) = 0;
  virtual void deliver(TransactionId client, SipMessage response) = 0;
  virtual void failed(TransactionId client, ClientFailure failure) = 0;
  virtual void server_ended(TransactionId server) = 0;
  virtual void client_ended(TransactionId client) = 0;
};

/// One of the two server machines (RFC 3261, 17.2).
class ServerTransaction {
 public:
  ServerTransaction(CoreContext& context, TransactionHost& host, TransactionId id, Hop reply_to)
      : host_(host), timer_(context), id_(id), reply_to_(std::move(reply_to)) {}
  virtual ~ServerTransaction() = default;
  ServerTransaction(const ServerTransaction&) = delete;
  ServerTransaction& operator=(const ServerTransaction&) = delete;

  /// The request came again.
  virtual void handle_retransmission() = 0;
  /// An ACK of this transaction came. False if it is the business of the proxy.
  virtual bool handle_ack() { return false; }
  /// Sends a response of the layer above. One that the state does not allow is dropped.
  virtual void respond(int status, std::string octets) = 0;
  /// A final response was given.
  [[nodiscard]] virtual bool answered() const = 0;

  [[nodiscard]] TransactionId id() const { return id_; }
  [[nodiscard]] const Hop& reply_to() const { return reply_to_; }

 protected:
  [[nodiscard]] bool reliable() const { return is_reliable(reply_to_.transport); }
  void send_last() { host_.send(reply_to_, last_); }
  void end() {
    timer_.cancel();
    host_.server_ended(id_);
  }

  TransactionHost& host_;
  ScopedTimer timer_;
  std::string last_;  ///< The response to repeat.

 private:
  TransactionId id_;
  Hop reply_to_;
};

/// One of the two client machines (17.1).
class ClientTransaction {
 public:
  ClientTransaction(CoreContext& context, TransactionHost& host, TransactionId id, Hop hop)
      : host_(host), retransmit_(context), timeout_(context), id_(id), hop_(std::move(hop)) {}
  virtual ~ClientTransaction() = default;
  ClientTransaction(const ClientTransaction&) = delete;
  ClientTransaction& operator=(const ClientTransaction&) = delete;

  /// Sends the request for the first time.
  virtual void start() = 0;
  virtual void handle_response(SipMessage response) = 0;
  /// The transport failed: the flow closed or the address is unreachable.
  virtual void handle_transport_error() = 0;
  /// A final response came, or the transaction failed.
  [[nodiscard]] virtual bool answered() const = 0;

  [[nodiscard]] TransactionId id() const { return id_; }
  [[nodiscard]] const Hop& hop() const { return hop_; }

 protected:
  [[nodiscard]] bool reliable() const { return is_reliable(hop_.transport); }
  void end() {
    retransmit_.cancel();
    timeout_.cancel();
    host_.client_ended(id_);
  }
  /// Reports `failure`, then ends.
  void fail(ClientFailure failure) {
    retransmit_.cancel();
    timeout_.cancel();
    host_.failed(id_, failure);
    host_.client_ended(id_);
  }

  /// The same for a transport error, but not from within: the layer above may be in the middle of
  /// starting us.
  void fail_soon() {
    retransmit_.cancel();
    timeout_.set(milliseconds{0}, [this] { handle_transport_error(); });
  }

  TransactionHost& host_;
  ScopedTimer retransmit_;
  ScopedTimer timeout_;

 private:
  TransactionId id_;
  Hop hop_;
};

}  // namespace carillon::sip
