#include "wire/forwarding_option.hpp"

namespace carillon::wire {

ForwardingOption ForwardingOption::response_copy() const {
  constexpr auto cleared = static_cast<std::uint8_t>(0x07);
  return {type, static_cast<std::uint8_t>(flags & ~cleared), option};
}

//   struct {
//     ForwardingOptionType      type;
//     uint8                     flags;
//     uint16                    length;
//     select (type) {
//           /* This type may be extended */
//     };
//   } ForwardingOption;
ForwardingOption ForwardingOption::decode(Reader& reader) {
  ForwardingOption value;
  value.type = static_cast<ForwardingOptionType>(reader.u8("ForwardingOption.type"));
  value.flags = reader.u8("ForwardingOption.flags");
  value.option = read_opaque(reader, 2, "ForwardingOption.option");
  return value;
}

void ForwardingOption::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u8(flags);
  writer.opaque16(option);
}

}  // namespace carillon::wire
