#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/reg_info.hpp"
#include "sip/responder.hpp"
#include "sip/transaction_layer.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

/// The registration event package (RFC 3680; RFC 6665): who is registered under an AOR, and what
/// becomes of it.
///
/// What changes at this peer is told at once. What changes at others is seen by a lookup each
/// `SipOptions::reg_event_poll`: the overlay tells nobody when a value changes.
class RegEvents {
 public:
  RegEvents(CoreContext& context, Transports& transports, TransactionLayer& transactions,
            Responder& responder, LocationService& locations);

  /// A SUBSCRIBE for this package.
  [[nodiscard]] static bool concerns(const SipMessage& request);
  /// One that makes a subscription, from somebody who may; `server` is its transaction.
  void subscribe(TransactionId server, const IncomingRequest& request, std::string aor);
  /// One within a subscription of ours: renews or ends it. False if it is within none.
  [[nodiscard]] bool renew(const IncomingRequest& request);

  /// The bindings that this peer serves for the AOR have changed.
  void note_change(std::string_view aor);

  // The NOTIFYs' answers. Harmless for other transactions.
  void handle_response(TransactionId client, const SipMessage& response);
  void handle_failure(TransactionId client);

  [[nodiscard]] std::size_t count() const { return subscriptions_.size(); }

 private:
  struct Subscription {
    Subscription(CoreContext& context, std::string aor_in)
        : aor(std::move(aor_in)), info(aor), timer(context) {}
    std::string aor;
    RegInfo info;
    ScopedTimer timer;
    SipMessage notify{};  ///< What all NOTIFYs have in common.
    Hop hop{};
    std::string tag{};
    std::uint32_t cseq{0};
    MonotonicTime expires{};
    MonotonicTime not_before{};  ///< One NOTIFY in five seconds (RFC 3680, 4.10).
    bool full{true};
    bool asking{false};
    bool again{false};
  };
  using Held = std::shared_ptr<Subscription>;

  [[nodiscard]] std::optional<seconds> lifetime_of(const SipMessage& request) const;
  [[nodiscard]] std::string own_contact(const Hop& hop) const;
  [[nodiscard]] SipMessage common_part(const IncomingRequest& request,
                                       const std::string& tag) const;
  [[nodiscard]] bool is_full(std::string_view aor) const;
  void accept(const IncomingRequest& request, const Held& held, seconds lifetime,
              SipMessage& response);
  void ask_soon(const Held& held);
  void ask(const Held& held);
  void look_later(const Held& held);
  void tell(const Held& held, const std::vector<LocatedBinding>& located);
  void send(const Held& held, const std::string& document);
  void forget(const std::string& tag);

  CoreContext& context_;
  Transports& transports_;
  TransactionLayer& transactions_;
  Responder& responder_;
  LocationService& locations_;
  std::unordered_map<std::string, Held> subscriptions_;  ///< By our tag.
  std::unordered_multimap<std::string, std::string> tags_of_aor_;
  std::unordered_map<TransactionId, std::string> notifies_;
};

}  // namespace carillon::sip
