#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sip/best_response.hpp"
#include "sip/core_context.hpp"
#include "sip/route_set.hpp"
#include "sip/target.hpp"
#include "sip/transaction.hpp"

namespace carillon::sip {

/// One of the ways on which a request was sent on.
struct Branch {
  explicit Branch(CoreContext& context) : timer(context) {}

  Target target{};
  TransactionId client{TransactionId::none};
  Hop hop{};
  SipMessage request{};  ///< Of an INVITE: for its CANCEL.
  RouteRewrite route_rewrite{};
  ScopedTimer timer;  ///< C; once cancelled, the wait for the final response.
  bool answered{false};
  bool provisional{false};  ///< One came: a CANCEL may be sent.
  bool cancel{false};       ///< To be cancelled,
  bool cancel_sent{false};  ///< and it was.
  bool silent{false};       ///< It ended without an answer.
  /// The next one was tried before anything had come from this: cancelled if it ever does.
  bool abandoned{false};
};

/// A request that the proxy has taken on: the response context of RFC 3261, 16.2.
struct ForkContext {
  TransactionId server{TransactionId::none};
  IncomingRequest request{};
  std::string aor{};           ///< Whose phones it is for, if that is known;
  std::optional<Gruu> gruu{};  ///< and which of them.
  /// Of a request in a dialog: what its Route said; nothing once it has gone another way.
  std::optional<RouteVerdict> dialog{};
  bool looking_up{false};  ///< For where else it could go.
  std::uint64_t loop_hash{0};
  bool own_user{false};  ///< From one of our users, or a server that vouches for it.
  bool is_invite{false};
  bool trying_sent{false};
  bool record_route{false};
  bool caller_on_flow{false};    ///< Requests to the caller must take the flow this one came by.
  std::deque<Target> waiting{};  ///< Not tried yet.
  std::vector<std::unique_ptr<Branch>> branches{};
  BestResponse best{};
  /// What came from another peer shall not tell a phone of the inside: its Vias are kept back.
  std::vector<std::string> hidden_vias{};
  bool cancelled{false};
  bool final_sent{false};

  [[nodiscard]] bool all_answered() const {
    for (const auto& branch : branches) {
      if (!branch->answered) return false;
    }
    return true;
  }
};

}  // namespace carillon::sip
