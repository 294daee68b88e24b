#pragma once

#include "sip/transaction.hpp"

namespace carillon::sip {

/// The INVITE client transaction (RFC 3261, 17.1.1; RFC 6026, 7.2):
///
///     calling --1xx--> proceeding --300-699--> completed --D--> ended
///        |  \--B--> failed   +-----2xx--> accepted --M-----------^
class InviteClient final : public ClientTransaction {
 public:
  InviteClient(CoreContext& context, TransactionHost& host, TransactionId id, Hop hop,
               SipMessage request)
      : ClientTransaction(context, host, id, std::move(hop)), request_(std::move(request)) {}

  void start() override;
  void handle_response(SipMessage response) override;
  void handle_transport_error() override;
  [[nodiscard]] bool answered() const override { return state_ > State::proceeding; }

 private:
  enum class State : std::uint8_t { calling, proceeding, completed, accepted, failed };
  void retransmit();
  void send_ack(const SipMessage& response);

  SipMessage request_;  ///< Needed for the ACK.
  std::string octets_;
  std::string ack_;
  State state_{State::calling};
  milliseconds interval_{timer_t1};  ///< Of timer A.
};

/// The non-INVITE client transaction (17.1.2):
///
///     trying --1xx--> proceeding --final--> completed --K--> ended
///        \---------F------+--> failed
class NonInviteClient final : public ClientTransaction {
 public:
  NonInviteClient(CoreContext& context, TransactionHost& host, TransactionId id, Hop hop,
                  const SipMessage& request)
      : ClientTransaction(context, host, id, std::move(hop)), octets_(request.serialize()) {}

  void start() override;
  void handle_response(SipMessage response) override;
  void handle_transport_error() override;
  [[nodiscard]] bool answered() const override { return state_ > State::proceeding; }

 private:
  enum class State : std::uint8_t { trying, proceeding, completed, failed };
  void retransmit();

  std::string octets_;
  State state_{State::trying};
  milliseconds interval_{timer_t1};  ///< Of timer E.
};

/// The ACK for a final response other than 2xx, made from the INVITE that it answers (17.1.1.3).
[[nodiscard]] SipMessage make_ack(const SipMessage& invite, const SipMessage& response);

/// The CANCEL of a request that was sent (9.1).
[[nodiscard]] SipMessage make_cancel(const SipMessage& request);

}  // namespace carillon::sip
