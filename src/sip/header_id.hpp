#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::sip {

/// The headers that the registrar and the proxy look at; `other` is passed on as it came.
enum class HeaderId : std::uint8_t {
  via,
  from,
  to,
  call_id,
  cseq,
  max_forwards,
  contact,
  route,
  record_route,
  path,
  expires,
  min_expires,
  content_length,
  content_type,
  authorization,
  proxy_authorization,
  www_authenticate,
  proxy_authenticate,
  require,
  proxy_require,
  supported,
  unsupported,
  date,
  retry_after,
  allow,
  accept,
  server,
  warning,
  authentication_info,
  user_agent,
  event,
  p_asserted_identity,
  p_preferred_identity,
  privacy,
  other
};

/// From a full or compact name, in any case (RFC 3261, 7.3.3).
[[nodiscard]] HeaderId header_id(std::string_view name);
/// The full name; empty for `other`.
[[nodiscard]] std::string_view header_name(HeaderId id);
/// Several values may stand in one line, separated by commas, and we treat them one by one.
[[nodiscard]] bool is_list_header(HeaderId id);
/// May appear only once, with one value.
[[nodiscard]] bool is_single_header(HeaderId id);

}  // namespace carillon::sip
