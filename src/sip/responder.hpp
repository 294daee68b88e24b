#pragma once

#include <string>
#include <string_view>

#include "sip/core_context.hpp"
#include "sip/hop.hpp"
#include "sip/transaction_layer.hpp"

namespace carillon::sip {

/// Answers requests on our own behalf.
class Responder {
 public:
  Responder(CoreContext& context, MessageSender& sender, TransactionLayer& transactions)
      : context_(context), sender_(sender), transactions_(transactions) {}

  /// The To tag of our answers to this request: the same for each of its retransmissions, so that
  /// answers need no memory (RFC 3261, 8.2.7).
  [[nodiscard]] std::string tag(const IncomingRequest& request) const;

  /// The ACK for a final response that was sent without a transaction; nobody needs it.
  [[nodiscard]] bool is_own_ack(const IncomingRequest& ack) const;

  /// A response with our tag; a 503 or 500 gets a Retry-After, a 423 what is long enough.
  [[nodiscard]] SipMessage make(const IncomingRequest& request, int status,
                                std::string_view reason = {}) const;

  /// The value of a Date header now.
  [[nodiscard]] const std::string& date();

  /// Sends without a transaction. Never for ACK.
  void send_stateless(const IncomingRequest& request, const SipMessage& response);
  void reply_stateless(const IncomingRequest& request, int status, std::string_view reason = {}) {
    send_stateless(request, make(request, status, reason));
  }
  void reply(TransactionId server, const IncomingRequest& request, int status,
             std::string_view reason = {}) {
    transactions_.respond(server, make(request, status, reason));
  }
  void send(TransactionId server, const SipMessage& response) {
    transactions_.respond(server, response);
  }

 private:
  [[nodiscard]] std::int64_t retry_after() const;

  CoreContext& context_;
  MessageSender& sender_;
  TransactionLayer& transactions_;
  std::string date_;  ///< Made once a second,
  seconds dated_{};   ///< this one.
};

/// "Mon, 23 Nov 2026 06:19:00 GMT" (RFC 3261, 20.17).
[[nodiscard]] std::string date_text(WallTime time);

}  // namespace carillon::sip
