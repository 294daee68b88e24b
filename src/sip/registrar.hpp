#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sip/aor_record.hpp"
#include "sip/authenticator.hpp"
#include "sip/domains.hpp"
#include "sip/responder.hpp"

namespace carillon::sip {

/// The registrar (RFC 3261, 10.3) of a peer: the bindings that it serves, and their publication.
///
/// A REGISTER that changes something is looked up, applied, published, and only then answered; so
/// long the next one for the AOR waits. One that merely refreshes is answered at once, until half
/// of the stored lifetime has passed.
class Registrar {
 public:
  Registrar(CoreContext& context, Transports& transports, TransactionLayer& transactions,
            Responder& responder, Authenticator& authenticator, const Domains& domains,
            const FlowTokens& tokens, LocationService& locations);

  /// A REGISTER that belongs to no transaction yet.
  void handle_request(IncomingRequest request);
  void start_draining() { draining_ = true; }

  /// The phones on this flow are gone.
  void handle_flow_closed(FlowId flow);
  /// For an operator: the AOR has no bindings any more, whoever serves them. `done` as soon as that
  /// is published.
  void remove_all(std::string aor, Handler<void> done);
  /// Another peer says that the flow of a binding of his is gone: nobody shall try it again.
  void remove_foreign(std::string aor, const LocatedBinding& located);

  /// What a lookup has found says which of our bindings others have undone.
  void reconcile(std::string_view aor, const std::vector<LocatedBinding>& located);

  /// The live bindings that this peer serves; null if there are none.
  [[nodiscard]] const std::vector<LocalBinding>* bindings(std::string_view aor) const;

  [[nodiscard]] std::vector<std::string> own_aors() const;
  [[nodiscard]] std::optional<OwnEntry> own_entry(std::string_view aor) const;
  [[nodiscard]] std::size_t aor_count() const { return records_.size(); }
  [[nodiscard]] std::size_t binding_count() const;
  [[nodiscard]] bool busy() const { return operations_ != 0; }

 private:
  using Records = std::unordered_map<std::string, AorRecord, KeyedStringHash, std::equal_to<>>;
  using Item = Records::value_type;  ///< Its address stays while it is in the map.

  // registrar.cpp: a REGISTER on its way.
  [[nodiscard]] bool refuse_early(const IncomingRequest& request);
  void handle_verdict(TransactionId server, IncomingRequest&& request, const std::string& aor,
                      const std::string& realm, AuthVerdict verdict);
  void accept(TransactionId server, IncomingRequest&& incoming, const std::string& aor,
              AuthVerdict verdict);
  [[nodiscard]] bool is_registered_from(std::string_view aor, std::string_view host) const;
  void change(const std::string& aor, AorOperation operation);
  [[nodiscard]] bool try_refresh(Item& item, TransactionId server, const IncomingRequest& incoming,
                                 const RegisterRequest& request);
  [[nodiscard]] std::string gruu_params(std::string_view aor, std::string_view instance,
                                        std::string_view call_id) const;
  void append_flow_headers(const Item& item, const IncomingRequest& incoming, SipMessage& response);
  void send_bindings(Item& item, TransactionId server, const IncomingRequest& incoming);

  // registrar_publish.cpp: the operations of an AOR, one at a time.
  void enqueue(Item& item, AorOperation operation);
  void run_next(Item& item);
  void handle_located(Item& item, Result<std::vector<LocatedBinding>> located);
  /// How long what we have stored of it is still good for.
  [[nodiscard]] seconds stored_for(const AorRecord& record) const;
  void publish(Item& item, RegisterOutcome outcome);
  void handle_published(Item& item, RegisterOutcome outcome, const Result<void>& published);
  void finish(Item& item, const Error* error, int status = 200, std::string_view reason = {});
  void publish_changes(Item& item);
  [[nodiscard]] OwnEntry entry_of(std::string_view aor, const std::vector<LocalBinding>& bindings,
                                  std::vector<Removal> removals) const;
  void adopt(AorRecord& record, const std::vector<LocatedBinding>& located) const;
  void confirm(AorRecord& record, const std::vector<LocatedBinding>& located) const;

  // registrar_expiry.cpp: time.
  void make_appointment(Item& item, MonotonicTime at);
  void schedule(Item& item);
  void keep_appointments();
  void look_after(Item& item);
  void set_clock();
  void note_flows(const Item& item);

  CoreContext& context_;
  Transports& transports_;
  TransactionLayer& transactions_;
  Responder& responder_;
  Authenticator& authenticator_;
  const Domains& domains_;
  const FlowTokens& tokens_;
  LocationService& locations_;
  bool draining_{false};
  std::size_t operations_{0};
  Records records_;
  /// Which AORs have bindings on a connection; may name some that have moved on.
  std::unordered_map<FlowId, std::vector<std::string>> aors_on_flow_;
  /// Records to look at, by second: one timer for all, and a refresh touches nothing here.
  std::map<std::int64_t, std::vector<Item*>> appointments_;
  ScopedTimer clock_;
};

}  // namespace carillon::sip
