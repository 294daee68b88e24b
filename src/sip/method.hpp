#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace carillon::sip {

/// The methods that are treated specially or counted; all others pass as `other`.
enum class Method : std::uint8_t {
  invite,
  ack,
  bye,
  cancel,
  register_,
  options,
  message,
  info,
  subscribe,
  notify,
  refer,
  update,
  prack,
  publish,
  other
};
inline constexpr std::size_t method_count = 15;

/// Methods are case-sensitive (RFC 3261, 7.1).
[[nodiscard]] Method method_from(std::string_view text);
/// "INVITE"; "other" for the rest.
[[nodiscard]] std::string_view to_string(Method method);

}  // namespace carillon::sip
