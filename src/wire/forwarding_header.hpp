#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wire/destination.hpp"
#include "wire/forwarding_option.hpp"
#include "wire/fragment.hpp"
#include "wire/identifiers.hpp"

namespace carillon::wire {

/// The part of a message that intermediate peers read (RFC 6940, 6.3.2).
///
/// `decode` refuses what no configuration allows: a wrong token or version, a `length` shorter than
/// the header, a Resource-ID in the Via List or before the end of the Destination List. Whether
/// `overlay`, `configuration_sequence` and `ttl` are acceptable is for the forwarder to say.
struct ForwardingHeader {
  static constexpr std::uint32_t relo_token = 0xd2454c4f;
  static constexpr std::uint8_t version_1_0 = 0x0a;
  static constexpr std::uint8_t default_ttl = 100;
  static constexpr std::size_t fixed_size = 38;     ///< Octets before the lists.
  static constexpr std::size_t length_offset = 16;  ///< Where `length` stands.
  /// A sequence number that ConfigUpdate travels with, and that is never checked (6.3.2.1).
  static constexpr std::uint16_t any_configuration = 65535;
  /// A list's length field has 16 bits.
  static constexpr std::size_t max_list_size = 65535;

  OverlayHash overlay{};
  std::uint16_t configuration_sequence{};
  std::uint8_t version{version_1_0};
  std::uint8_t ttl{default_ttl};
  Fragment fragment{};
  std::uint32_t length{};  ///< Octets of header and payload; `join_message` sets it.
  TransactionId transaction_id{};
  std::uint32_t max_response_length{};  ///< 0: no limit, and in responses.
  DestinationList via_list{};
  DestinationList destination_list{};
  std::vector<ForwardingOption> options{};

  [[nodiscard]] static ForwardingHeader decode(Reader& reader);
  /// Writes `length` as it stands. A list longer than `max_list_size` octets cannot be written:
  /// forwarders check before they add to one.
  void encode(Writer& writer) const;
  friend bool operator==(const ForwardingHeader&, const ForwardingHeader&) = default;
};

}  // namespace carillon::wire
