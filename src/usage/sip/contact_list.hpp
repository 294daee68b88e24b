#pragma once

#include "base/bytes.hpp"
#include "sip/location_service.hpp"

// The value of Kind carillon_contacts: what one peer says about an AOR. Numbers in network order;
// a text is its octets, UTF-8 as SIP has it:
//
//   contact-list := version(1)=1 address bindings removals extra
//   address      := port(2) host<0..255>
//   bindings     := count(2) { size(2) binding }*count
//   binding      := updated(8) expires(8) granted(4) q(2) cseq(4) reg-id(4)
//                   contact<0..65535> call-id<0..65535> instance<0..65535>
//                   received<0..255> flow-token<0..65535>
//                   path-count(1) { path<0..65535> }*path-count extra
//   removals     := count(2) { size(2) removal }*count
//   removal      := at(8) expires(8) reg-id(4) contact<0..65535> instance<0..65535> extra
//   extra        := *octet              // ignored: room for what later versions add
//
// updated, expires and at are milliseconds since the epoch, granted is seconds, q thousandths. A
// reader that meets a version above its own refuses the list; additions that old readers may
// ignore go into `extra` and leave the version as it is.
namespace carillon::usage {

inline constexpr std::uint8_t contact_list_version = 1;
inline constexpr std::size_t max_listed_bindings = 64;
inline constexpr std::size_t max_listed_removals = 64;
inline constexpr std::size_t max_path_values = 32;
inline constexpr std::size_t max_text_octets = 4096;

/// `too_large` if a count or text is beyond the bounds above.
[[nodiscard]] Result<Bytes> encode_contact_list(const sip::OwnEntry& entry);
/// `malformed`, with the offset, on anything that is not as above.
[[nodiscard]] Result<sip::OwnEntry> decode_contact_list(ByteView octets);

}  // namespace carillon::usage
