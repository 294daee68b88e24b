#pragma once

#include "sip/transaction.hpp"

namespace carillon::sip {

/// The INVITE server transaction (RFC 3261, 17.2.1; RFC 6026, 7.1):
///
///     proceeding --300-699--> completed --ACK--> confirmed --I--> ended
///         |                       +------H------------------------^
///         +------2xx--> accepted --L------------------------------^
class InviteServer final : public ServerTransaction {
 public:
  using ServerTransaction::ServerTransaction;
  void handle_retransmission() override;
  bool handle_ack() override;
  void respond(int status, std::string octets) override;
  [[nodiscard]] bool answered() const override { return state_ != State::proceeding; }

 private:
  enum class State : std::uint8_t { proceeding, completed, confirmed, accepted, ended };
  void complete();
  void retransmit();

  State state_{State::proceeding};
  milliseconds interval_{timer_t1};              ///< Of timer G.
  milliseconds remaining_{transaction_timeout};  ///< Until timer H.
};

/// The non-INVITE server transaction (17.2.2):
///
///     trying --1xx--> proceeding --final--> completed --J--> ended
class NonInviteServer final : public ServerTransaction {
 public:
  using ServerTransaction::ServerTransaction;
  void handle_retransmission() override;
  void respond(int status, std::string octets) override;
  [[nodiscard]] bool answered() const override { return state_ == State::completed; }

 private:
  enum class State : std::uint8_t { trying, proceeding, completed };
  State state_{State::trying};
};

}  // namespace carillon::sip
