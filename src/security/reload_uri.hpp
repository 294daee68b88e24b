#pragma once

#include <string>
#include <string_view>

#include <carillon/ids.hpp>

namespace carillon::security {

/// A node's address as certificates bear it (RFC 6940, 14.15): `reload://` and the hexadecimal
/// destination list with that node alone, `@`, the overlay's name, `/`.
struct ReloadUri {
  NodeId node_id{};
  std::string overlay_name{};

  /// `bad_certificate` on another scheme, on anything but a single `node_id` destination, on a
  /// specifier after the slash, and on the two reserved Node-IDs.
  [[nodiscard]] static Result<ReloadUri> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const ReloadUri&, const ReloadUri&) = default;
};

}  // namespace carillon::security
