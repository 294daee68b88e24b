#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/server_locator.hpp"
#include "sip/target.hpp"
#include "sip/transaction_layer.hpp"
#include "sip/transports.hpp"
#include "sip/trunk_credentials.hpp"
#include "sip/trunk_status.hpp"

namespace carillon::sip {

/// Registers at the trunks that want it, as the phone of a line would (RFC 3261, 10.2).
///
/// Each peer that is told to registers a contact of its own; the carrier forks calls, or takes one.
/// A registration is refreshed well before it ends; after a failure it is tried again, at longer
/// and longer intervals (as in RFC 5626, 4.5).
class TrunkRegistrations {
 public:
  TrunkRegistrations(CoreContext& context, Transports& transports, TransactionLayer& transactions,
                     ServerLocator& locator, const TrunkCredentials& credentials);

  /// Call once the sockets are open.
  void start();
  /// Those that have failed are tried again now, as something may be better.
  void retry();
  /// Takes back what is registered.
  void leave();

  // The REGISTERs' answers. Harmless for other transactions.
  void handle_response(TransactionId client, const SipMessage& response);
  void handle_failure(TransactionId client);

  /// Of those that are wanted.
  [[nodiscard]] std::vector<TrunkStatus> status() const;

 private:
  struct Registration {
    Registration(CoreContext& context, std::size_t trunk_in) : trunk(trunk_in), timer(context) {}
    std::size_t trunk;
    Uri at{};   ///< The trunk,
    Uri aor{};  ///< and who we are there.
    std::string call_id{};
    std::string tag{};
    std::uint32_t cseq{0};
    Target target{};  ///< The server that is tried, or was the right one; others as alternates.
    TransactionId client{TransactionId::none};
    std::optional<TrunkAnswer> answered{};
    seconds wanted{3600};
    bool too_brief{false};  ///< `wanted` was, and has been raised.
    MonotonicTime ends{};   ///< Registered until then.
    bool taking_back{false};
    unsigned failures{0};
    std::string trouble{};  ///< What went wrong last; empty: nothing since.
    ScopedTimer timer;
  };

  void attempt(Registration& line);
  void send(Registration& line);
  [[nodiscard]] SipMessage request(Registration& line, const Hop& hop) const;
  void try_next(Registration& line, const std::string& why);
  void handle_challenge(Registration& line, const SipMessage& response);
  void handle_brief(Registration& line, const SipMessage& response);
  void handle_accepted(Registration& line, const SipMessage& response);
  void handle_failed(Registration& line, const std::string& why, seconds at_least = {});
  [[nodiscard]] std::string contact(const Registration& line, const Hop& hop) const;
  [[nodiscard]] seconds granted(const Registration& line, const SipMessage& response) const;
  [[nodiscard]] Registration* of(TransactionId client) const;

  CoreContext& context_;
  Transports& transports_;
  TransactionLayer& transactions_;
  ServerLocator& locator_;
  const TrunkCredentials& credentials_;
  std::vector<std::unique_ptr<Registration>> lines_;
  bool leaving_{false};
};

}  // namespace carillon::sip
