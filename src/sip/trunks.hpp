#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/core_context.hpp"
#include "sip/target.hpp"
#include "sip/transports.hpp"

namespace carillon::sip {

/// The next hops for what no user here has: gateways to the telephone network, in the order in
/// which the options name them. One that has failed is tried last for a while.
class Trunks {
 public:
  Trunks(CoreContext& context, const Transports& transports);

  /// What is called, `user`, is such as the trunks are for.
  [[nodiscard]] bool take(std::string_view user) const;

  /// The way of a request for `user`, whose Request-URI is `uri`: the first trunk, with the others
  /// as alternates. `not_to`: an address that it must not go to, if not empty. Nothing if there is
  /// no trunk left.
  [[nodiscard]] std::optional<Target> target_for(std::string_view user, const Uri& uri,
                                                 std::string_view request_uri,
                                                 std::string_view not_to) const;

  void note_failure(std::size_t trunk);
  void note_answer(std::size_t trunk) { failed_until_.at(trunk) = {}; }

 private:
  [[nodiscard]] std::optional<Target> target_at_trunk(std::size_t trunk, std::string_view user,
                                                      const Uri& uri,
                                                      std::string_view request_uri) const;

  CoreContext& context_;
  const Transports& transports_;
  std::vector<Uri> trunks_;
  std::vector<MonotonicTime> failed_until_;
};

/// A rule of SipOptions::trunk_for: "numbers", "everything" or the beginning of a number.
[[nodiscard]] bool is_trunk_rule(std::string_view rule);

}  // namespace carillon::sip
