#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sip/local_binding.hpp"
#include "sip/location_service.hpp"
#include "sip/transaction.hpp"

namespace carillon::sip {

/// Something to be done to an AOR, one after the other: a REGISTER, or (without `server`) an
/// operator's removal of all, or publishing what has become of the bindings by itself.
struct AorOperation {
  TransactionId server{TransactionId::none};
  IncomingRequest incoming{};
  RegisterRequest request{};
  /// What has been found just now: it needs no lookup, unless it has to wait.
  std::optional<std::vector<LocatedBinding>> located{};
  Handler<void> done{};  ///< Of the operator's.

  [[nodiscard]] bool only_publishes() const {
    return server == TransactionId::none && !request.remove_all;
  }
};

/// What a peer knows of an AOR that it serves.
struct AorRecord {
  std::vector<LocalBinding> bindings{};

  /// What few AORs have, or only for a moment.
  struct More {
    std::vector<Removal> removals;
    std::vector<LocatedBinding> foreign;  ///< Served by other peers, as of the last lookup.
    std::deque<AorOperation> waiting;     ///< The first is under way, if `busy`.
    std::uint32_t failures{0};            ///< Of publishing without a request, in a row.
  };
  std::unique_ptr<More> more{};

  /// The second in which it is looked at next, and how many such appointments there are.
  std::int64_t due{0};
  std::uint32_t appointments{0};
  bool busy{false};
  /// What is stored differs from what is here, or may.
  bool dirty{false};

  [[nodiscard]] More& rare() {
    if (!more) more = std::make_unique<More>();
    return *more;
  }
  [[nodiscard]] bool has_waiting() const { return more && !more->waiting.empty(); }
  [[nodiscard]] bool is_empty() const {
    return bindings.empty() && !busy && !dirty && !has_waiting() &&
           (!more || more->removals.empty());
  }
};

/// The bindings of an AOR after a REGISTER, or why not.
struct RegisterOutcome {
  int status{200};
  std::string_view reason{};
  std::vector<LocalBinding> bindings{};
  std::vector<Removal> removals{};
  bool changed{false};  ///< Must be published.
};

/// RFC 3261, 10.3 steps 6 and 7: all or nothing. `foreign` are other peers' bindings.
[[nodiscard]] RegisterOutcome apply_register(const AorRecord& record,
                                             const std::vector<LocatedBinding>& foreign,
                                             const RegisterRequest& request,
                                             const SipOptions& options, Now now);

/// How long a binding is stored that was granted for `granted`.
[[nodiscard]] seconds stored_lifetime(seconds granted, const SipOptions& options);

}  // namespace carillon::sip
