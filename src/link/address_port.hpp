#pragma once

#include <cstdint>
#include <string>

namespace carillon::link {

/// Where a connection goes to or comes from. `host` is an address, or for a bootstrap node a name
/// that whoever opens the connection resolves.
struct AddressPort {
  std::string host{};
  std::uint16_t port{};

  /// "192.0.2.1:6084", "[2001:db8::1]:6084"
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const AddressPort&, const AddressPort&) = default;
};

}  // namespace carillon::link
