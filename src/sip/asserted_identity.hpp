#pragma once

#include <string>

#include "sip/core_context.hpp"
#include "sip/domains.hpp"
#include "sip/hop.hpp"
#include "sip/target.hpp"
#include "sip/trunk_addresses.hpp"

namespace carillon::sip {

/// P-Asserted-Identity (RFC 3325): who a message is from, as those say who trust each other. These
/// are the peers, the servers of `SipOptions::trusted` and the trunks that are marked so. Phones
/// are outside: they are told, but not believed.
class AssertedIdentity {
 public:
  AssertedIdentity(const CoreContext& context, const Domains& domains, const TrunkAddresses& trunks)
      : context_(context), domains_(domains), trunks_(trunks) {}

  /// `message`, made from `request`, is about to go to `target` by `hop`. A trusted trunk is told
  /// who the caller is, if we have authenticated him and nobody has said it before (section 5).
  void pass_on(SipMessage& message, const IncomingRequest& request, const Target& target,
               const Hop& hop) const;
  /// The same for a response that came from `target` by `hop` and goes `back`.
  void pass_back(SipMessage& response, const Target& target, const Hop& hop, const Hop& back) const;

 private:
  [[nodiscard]] bool trusts(const Hop& hop) const;
  [[nodiscard]] bool is_trusted_trunk(const Target& target) const;
  [[nodiscard]] std::string preferred(const IncomingRequest& request) const;
  void assert_caller(SipMessage& message, const IncomingRequest& request) const;

  const CoreContext& context_;
  const Domains& domains_;
  const TrunkAddresses& trunks_;
};

/// Whom the request says it is from: who calls anonymously (RFC 3323, 4.1.1.3) tells it in
/// P-Preferred-Identity, to us alone (RFC 3325, 9.2).
[[nodiscard]] Uri claimed_caller(const IncomingRequest& request);

}  // namespace carillon::sip
