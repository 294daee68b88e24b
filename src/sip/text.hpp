#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.hpp"

namespace carillon::sip {

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);
[[nodiscard]] std::string lower_case(std::string_view text);

/// Without white space (line ends included) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// A decimal number and nothing else; nothing if it is not one or above `maximum`.
[[nodiscard]] std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t maximum);

/// A token (RFC 3261, 25.1).
[[nodiscard]] bool is_token(std::string_view text);

/// Cuts the part before the next `separator` off the front of `rest` and returns it trimmed.
/// A separator within quotes or < > does not count.
[[nodiscard]] std::string_view next_item(std::string_view& rest, char separator);

/// `text` holds an octet that must not stand in a header: a control character but for tab.
[[nodiscard]] bool has_control_character(std::string_view text);

/// The same, but that a quoted-string may hold one behind a backslash (RFC 3261, 25.1,
/// quoted-pair), other than a line end.
[[nodiscard]] bool has_stray_control_character(std::string_view text);

/// For a URI: what is neither alphanumeric nor one of `marks` is escaped (RFC 3261, 25.1).
[[nodiscard]] std::string percent_escaped(std::string_view text, std::string_view marks);

/// Takes the quotes off a quoted-string and resolves its escapes; other text stays as it is.
[[nodiscard]] std::string unquoted(std::string_view text);

}  // namespace carillon::sip
