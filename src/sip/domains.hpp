#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/core_context.hpp"
#include "sip/transports.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {

/// Which URIs are ours.
class Domains {
 public:
  Domains(const CoreContext& context, const Transports& transports)
      : context_(context), transports_(transports) {}

  /// The domain of ours that `uri` is in; nothing if it is in none. Our own address means the
  /// default domain, if the options say so.
  [[nodiscard]] std::optional<std::string> served(const Uri& uri) const;
  /// The AOR, in canonical form; nothing if it is not in a domain of ours or names no user.
  [[nodiscard]] std::optional<std::string> served_aor(const Uri& uri) const;
  /// A domain to which our users may send.
  [[nodiscard]] bool is_allowed_foreign(const Uri& uri) const;
  /// The URI names one of our sockets.
  [[nodiscard]] bool is_own_address(const Uri& uri) const;
  /// The URI has the host of a Record-Route that we write.
  [[nodiscard]] bool is_own_record(const Uri& uri) const;
  /// The same of a Route: phones write there the name that they know us by.
  [[nodiscard]] bool is_own_route(const Uri& uri) const;
  [[nodiscard]] std::string default_domain() const;

 private:
  const CoreContext& context_;
  const Transports& transports_;
};

}  // namespace carillon::sip
