#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/uri.hpp"

namespace carillon::sip {

/// The user part is a telephone number (RFC 3966, 3): "+" and digits, or a local number, which may
/// hold '*' and '#'; visual separators anywhere behind the first. Parameters may follow a ';'.
[[nodiscard]] bool is_phone_number(std::string_view user);

/// The number without its visual separators "-.()", which mean nothing (RFC 3966, 5.1.1).
[[nodiscard]] std::string without_separators(std::string_view number);

/// The user part as one is looked up: of a URI with user=phone, without visual separators.
[[nodiscard]] std::string canonical_user(const Uri& uri);

/// A user part in a URI: what may not stand there is escaped (RFC 3261, 25.1).
[[nodiscard]] std::string escaped_user(std::string_view user);

/// A tel: URI, taken apart (RFC 3966, 3).
struct TelUri {
  std::string number{};   ///< Without visual separators.
  std::string context{};  ///< phone-context, lower case: a domain or a prefix with '+'; or empty.
  std::string params{};   ///< The others, each with its ';'.

  /// `malformed` unless it is one. That a local number names its context is not insisted on.
  [[nodiscard]] static Result<TelUri> parse(std::string_view text);
  /// The user part that stands for it in a SIP URI (RFC 3261, 19.1.6), not escaped; the context
  /// is left out if it is `domain`.
  [[nodiscard]] std::string user(std::string_view domain) const;
};

}  // namespace carillon::sip
