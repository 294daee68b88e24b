#pragma once

#include <cstdint>

#include "wire/codec.hpp"

namespace carillon::wire {

/// RFC 6940, 14.12, and RFC 7263. We understand none of them yet.
enum class ForwardingOptionType : std::uint8_t {
  invalid_forwarding_option = 0,
  exp_forward = 1,
  extensive_routing_mode = 2,
};

/// The bits of ForwardingOption.flags (6.3.2.3).
enum class ForwardingFlag : std::uint8_t {
  forward_critical = 0x01,      ///< Who forwards must understand it.
  destination_critical = 0x02,  ///< Who answers must understand it.
  response_copy = 0x04,         ///< Who answers copies it, with these three flags cleared.
};

/// RFC 6940, 6.3.2.3. Any type, known or not: the value is kept as octets.
struct ForwardingOption {
  ForwardingOptionType type{};
  std::uint8_t flags{};
  Bytes option{};

  [[nodiscard]] bool has(ForwardingFlag flag) const {
    return (flags & static_cast<std::uint8_t>(flag)) != 0;
  }
  /// What a response carries of a request's option that has RESPONSE_COPY.
  [[nodiscard]] ForwardingOption response_copy() const;

  [[nodiscard]] static ForwardingOption decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ForwardingOption&, const ForwardingOption&) = default;
};

}  // namespace carillon::wire
