#pragma once

#include <cstdint>

namespace carillon::config {

/// The number of a configuration document, 0 to 65534, counting round (RFC 6940, 6.3.2.1).
/// Requests carry it; 65535 is not a number but says that the request is itself a ConfigUpdate.
enum class ConfigSequence : std::uint16_t { config_update = 0xFFFF };

inline constexpr std::uint32_t config_sequence_modulus = 65'535;

/// Is `left` older than `right`? Serial comparison: whichever way round is shorter.
[[nodiscard]] constexpr bool is_older(ConfigSequence left, ConfigSequence right) {
  const std::uint32_t ahead = (static_cast<std::uint32_t>(right) + config_sequence_modulus -
                               static_cast<std::uint32_t>(left)) %
                              config_sequence_modulus;
  return ahead != 0 && ahead <= config_sequence_modulus / 2;
}

[[nodiscard]] constexpr ConfigSequence next(ConfigSequence sequence) {
  return static_cast<ConfigSequence>((static_cast<std::uint32_t>(sequence) + 1) %
                                     config_sequence_modulus);
}

}  // namespace carillon::config
