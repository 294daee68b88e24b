#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wire/ip_address_port.hpp"

namespace carillon::wire {

/// RFC 6940, 14.10. A candidate of an unknown link type is kept: the receiver skips it.
enum class OverlayLinkType : std::uint8_t {
  invalid_protocol = 0,
  dtls_udp_sr = 1,
  dtls_udp_sr_no_ice = 3,
  tls_tcp_fh_no_ice = 4,
  exp_link = 5,
};

/// RFC 6940, 6.5.1.1. 3 is reserved; the text calls it "prfix" and gives it a related address.
enum class CandType : std::uint8_t {
  invalid_cand_type = 0,
  host = 1,
  srflx = 2,
  prflx = 3,
  relay = 4,
};

/// The RFC's names, e.g. "TLS-TCP-FH-NO-ICE", "srflx"; empty for a number that is not assigned.
[[nodiscard]] std::string_view to_string(OverlayLinkType type);
[[nodiscard]] std::string_view to_string(CandType type);

/// Whether links of this type are found by ICE; nothing for a type that we don't know.
[[nodiscard]] std::optional<bool> uses_ice(OverlayLinkType type);

struct IceExtension {
  Bytes name{};
  Bytes value{};

  [[nodiscard]] static IceExtension decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const IceExtension&, const IceExtension&) = default;
};

/// RFC 6940, 6.5.1.1. A candidate of an unknown CandType is malformed: where it would end is not
/// known (6.3.1.1).
struct IceCandidate {
  IpAddressPort addr_port{};
  OverlayLinkType overlay_link{};
  Bytes foundation{};  ///< At most 255 octets.
  std::uint32_t priority{};
  CandType type{CandType::host};
  std::optional<IpAddressPort> rel_addr_port{};  ///< Set if and only if `type` is not host.
  std::vector<IceExtension> extensions{};

  [[nodiscard]] static IceCandidate decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const IceCandidate&, const IceCandidate&) = default;
};

}  // namespace carillon::wire
