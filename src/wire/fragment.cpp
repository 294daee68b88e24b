#include "wire/fragment.hpp"

namespace carillon::wire {
namespace {

constexpr std::uint32_t always_set = 0x80000000;
constexpr std::uint32_t last_fragment = 0x40000000;
constexpr unsigned reserved_shift = 24;
constexpr std::uint32_t reserved_mask = 0x3f;

}  // namespace

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-----------+-----------------------------------------------+
//   |1|L| reserved  |  fragment offset, octets                      |
//   +-+-+-----------+-----------------------------------------------+
//
// "Because messages MUST be set with the high bit set to 1, implementations SHOULD discard any
// message with it set to 0" (6.7): here that is an error.
Fragment Fragment::decode(Reader& reader) {
  const std::size_t at = reader.offset();
  const std::uint32_t bits = reader.u32("ForwardingHeader.fragment");
  if ((bits & always_set) == 0) {
    reader.reject_at("ForwardingHeader.fragment", at, "has its high bit clear");
  }
  Fragment value;
  value.last = (bits & last_fragment) != 0;
  value.reserved = static_cast<std::uint8_t>((bits >> reserved_shift) & reserved_mask);
  value.offset = bits & max_offset;
  return value;
}

void Fragment::encode(Writer& writer) const {
  writer.u32(always_set | (last ? last_fragment : 0U) |
             ((std::uint32_t{reserved} & reserved_mask) << reserved_shift) | (offset & max_offset));
}

}  // namespace carillon::wire
