#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sip/asserted_identity.hpp"
#include "sip/authenticator.hpp"
#include "sip/domains.hpp"
#include "sip/fork_context.hpp"
#include "sip/reg_events.hpp"
#include "sip/registrar.hpp"
#include "sip/responder.hpp"
#include "sip/route_set.hpp"
#include "sip/trunk_credentials.hpp"
#include "sip/trunk_registrations.hpp"
#include "sip/trunks.hpp"

namespace carillon::sip {

/// The transaction-stateful, forking proxy (RFC 3261, 16; RFC 6026).
///
/// It sends on: requests to users of our domains, found by the LocationService; requests within
/// dialogs that were set up through us, which their Route proves; requests of other peers for
/// phones on our flows; and of our own authenticated users, to foreign domains that are allowed.
/// It is no relay for anything else.
class Proxy final : public TransactionUser {
 public:
  /// What the proxy is put together from; all of it outlives the proxy.
  struct Parts {
    CoreContext& context;
    Transports& transports;
    TransactionLayer& transactions;
    Responder& responder;
    Authenticator& authenticator;
    const Domains& domains;
    const FlowTokens& tokens;
    LocationService& locations;
    CredentialService& credentials;
    Registrar& registrar;
    ServerLocator& locator;
    Trunks& trunks;
    TrunkCredentials& trunk_credentials;
    const AssertedIdentity& identities;
    TrunkRegistrations& trunk_registrations;
    RegEvents& events;
  };
  explicit Proxy(const Parts& parts)
      : parts_(parts), routes_(parts.transports, parts.tokens, parts.context.options) {}

  /// A request that belongs to no transaction yet; neither ACK nor CANCEL.
  void handle_request(IncomingRequest request);
  /// An ACK for a 2xx: goes where its Route says, without a transaction.
  void handle_ack(IncomingRequest ack);
  void handle_cancel(const IncomingRequest& cancel);
  void start_draining() { draining_ = true; }

  void handle_response(TransactionId client, SipMessage response) override;
  void handle_failure(TransactionId client, ClientFailure failure) override;
  void handle_server_ended(TransactionId server) override;

  [[nodiscard]] std::size_t context_count() const { return contexts_.size(); }

 private:
  using ContextPtr = std::shared_ptr<ForkContext>;

  // proxy_admission.cpp: may the request pass, and as what?
  [[nodiscard]] bool refuse_early(const IncomingRequest& request, std::uint64_t hash);
  [[nodiscard]] std::uint64_t loop_hash(const SipMessage& message) const;
  void resolve_tel(SipMessage& message, const Uri& from) const;
  void handle_outside_dialog(IncomingRequest request, std::uint64_t hash);
  void handle_verdict(const ContextPtr& context, const std::string& from_aor,
                      const AuthVerdict& verdict);
  void handle_admitted(const ContextPtr& context, bool own_user);
  [[nodiscard]] bool try_subscribe(const ContextPtr& context, const std::string& aor);
  void look_up_user(const ContextPtr& context, const Uri& uri, std::string aor);
  [[nodiscard]] bool may_be_anyone(const std::string& user) const;
  void answer_for_ourselves(const IncomingRequest& request);
  /// Null, and the request refused, if there are too many transactions.
  [[nodiscard]] ContextPtr open_context(IncomingRequest request, std::uint64_t hash);
  void refuse(const ContextPtr& context, int status, std::string_view reason = {});

  // proxy_dialog.cpp: requests within dialogs.
  void handle_in_dialog(IncomingRequest request, std::uint64_t hash, RouteVerdict verdict);
  [[nodiscard]] std::optional<Target> dialog_target(const SipMessage& message,
                                                    const RouteVerdict& verdict) const;
  [[nodiscard]] std::optional<Hop> live_flow(const std::optional<Hop>& flow) const;
  [[nodiscard]] DialogSide caller_side(const IncomingRequest& request, bool on_flow) const;
  void note_unreachable(const std::string& peer_id);
  void pass_over_unreachable(SipMessage& message, RouteVerdict& verdict) const;
  [[nodiscard]] bool take_over(const ContextPtr& context);
  void seek_phone(const ContextPtr& context);
  void find_phone(const std::string& aor, std::string uri,
                  std::move_only_function<void(std::vector<Target>)> found);
  void locate_ack(IncomingRequest ack, std::uint64_t hash, const Target& target);
  void forward_ack(const IncomingRequest& ack, std::uint64_t hash, const Target& target);

  // proxy_location.cpp: where is the user?
  void look_up(const ContextPtr& context, std::string aor);
  void handle_located(const ContextPtr& context, Result<std::vector<LocatedBinding>> located);
  [[nodiscard]] bool may_redirect(const ForkContext& context) const;
  [[nodiscard]] bool redirect(const ContextPtr& context);
  [[nodiscard]] bool try_trunk(const ContextPtr& context);
  void tell_unreachable(const ContextPtr& context);

  // proxy_forward.cpp: branches going out.
  void say_trying(const ContextPtr& context);
  void start(const ContextPtr& context, Target target);
  void locate(const ContextPtr& context, Target target);
  void start_next(const ContextPtr& context);
  void start_branch(const ContextPtr& context, Target target);
  [[nodiscard]] std::optional<Hop> hop_to(const Target& target);
  [[nodiscard]] SipMessage forwarded(const IncomingRequest& request, const Target& target) const;
  static void hide_vias(ForkContext& context, SipMessage& message);
  void drop_own_credentials(SipMessage& message) const;
  void set_timer_c(const ContextPtr& context, Branch& branch);

  // proxy_response.cpp: answers coming back.
  void handle_final(const ContextPtr& context, Branch& branch, SipMessage response);
  [[nodiscard]] bool answer_trunk(const ContextPtr& context, Branch& branch, SipMessage& response);
  void note_trunk(const Branch& branch, bool failed);
  void give_up(const ContextPtr& context, Branch& branch, int status);
  void conclude(const ContextPtr& context);
  void cancel_branches(const ContextPtr& context);
  void cancel_branch(const ContextPtr& context, Branch& branch);
  void cancel_abandoned(Branch& branch);
  void send_final(const ContextPtr& context, const SipMessage& response);
  static void release(ForkContext& context);
  void forget(const ForkContext& context);

  struct BranchRef {
    std::weak_ptr<ForkContext> context;
    Branch* branch{};
  };

  Parts parts_;
  RecordRoutes routes_;
  bool draining_{false};
  std::unordered_map<std::string, MonotonicTime> unreachable_;  ///< Peers, and until when.
  std::unordered_map<TransactionId, ContextPtr> contexts_;      ///< By server transaction.
  std::unordered_map<TransactionId, BranchRef> branches_;       ///< By client transaction.
};

}  // namespace carillon::sip
