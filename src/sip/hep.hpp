#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "sip/sip_action.hpp"

namespace carillon::sip {

/// Who tells a Homer collector.
struct CaptureAgent {
  std::uint32_t id{};
  std::string password{};  ///< Empty: none is sent.
};

/// The largest packet of HEP that fits in one datagram of UDP over IPv4.
inline constexpr std::size_t max_hep_octets = 65'507;

/// One packet of HEPv3 ("HEP3 Network Protocol Specification", rev. 12, by the Homer project): the
/// octets "HEP3", the length of all, and chunks of vendor (0), type, length and value, in network
/// order. A payload that would make it longer than `max_hep_octets` is cut off.
[[nodiscard]] Bytes encode_hep(const CaptureMessage& captured, const CaptureAgent& agent);

/// The Call-ID of a message in text, whatever else is wrong with it; empty if it has none.
[[nodiscard]] std::string_view find_call_id(std::string_view message);

}  // namespace carillon::sip
