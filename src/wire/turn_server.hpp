#pragma once

#include <cstdint>

#include "wire/ip_address_port.hpp"

namespace carillon::wire {

/// The value of Kind TURN-SERVICE (RFC 6940, 9).
struct TurnServer {
  std::uint8_t iteration{};
  IpAddressPort server_address{};

  [[nodiscard]] static TurnServer decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const TurnServer&, const TurnServer&) = default;
};

}  // namespace carillon::wire
