#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bounded_cache.hpp"
#include "sip/core_context.hpp"
#include "sip/target.hpp"

namespace carillon::sip {

/// Answers the challenges of trunks in the place of the caller, whose phone does not know the
/// password there (RFC 3261, 22.2 and 22.3).
///
/// The request goes again with the CSeq that it had. 22.2 has a user agent raise it, but a proxy
/// that did would have to count for the phone in all that follows in the dialog. Trunks take it:
/// the transaction is another one by its branch, and no dialog has come to be. Other proxies do the
/// same (Kamailio's uac_auth).
class TrunkCredentials {
 public:
  explicit TrunkCredentials(CoreContext& context) : context_(context), dialogs_(max_dialogs) {}

  /// User names and passwords from now on: those of these trunks, which are the same ones.
  void set_logins(const std::vector<TrunkOptions>& trunks);

  /// The trunk that has answered `request`, sent to `target` by `hop`, if it was one: also within a
  /// dialog in which it has been given an answer before, at that address.
  [[nodiscard]] std::optional<std::size_t> trunk_of(const Target& target, const SipMessage& request,
                                                    const Hop& hop);

  /// What to answer to a 401 or 407 of `trunk`. `before`: what it was answered in this request
  /// already; once is enough, unless its nonce was stale. An error says in its detail why not.
  [[nodiscard]] Result<TrunkAnswer> answer(std::size_t trunk, const SipMessage& response,
                                           const std::optional<TrunkAnswer>& before) const;

  /// Writes the answer into what is to be sent.
  void add(const TrunkAnswer& answer, SipMessage& request) const;

  /// `request` was answered for by us: so are those in its dialog that go to the same address.
  void note_dialog(const SipMessage& request, std::size_t trunk, const Hop& hop);

 private:
  static constexpr std::size_t max_dialogs = 20'000;
  struct Dialog {
    std::size_t trunk{};
    std::string host{};
  };
  [[nodiscard]] std::uint64_t key_of(const SipMessage& request) const {
    return context_.hash(request.header(HeaderId::call_id));
  }

  CoreContext& context_;
  BoundedCache<std::uint64_t, Dialog> dialogs_;  ///< By Call-ID.
};

}  // namespace carillon::sip
