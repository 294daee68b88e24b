#include "wire/message_extension.hpp"

namespace carillon::wire {

//   struct {
//     MessageExtensionType  type;                                /* 16 bits */
//     Boolean               critical;
//     opaque                extension_contents<0..2^32-1>;
//   } MessageExtension;
MessageExtension MessageExtension::decode(Reader& reader) {
  MessageExtension value;
  value.type = static_cast<MessageExtensionType>(reader.u16("MessageExtension.type"));
  value.critical = read_boolean(reader, "MessageExtension.critical");
  value.extension_contents = read_opaque(reader, 4, "MessageExtension.extension_contents");
  return value;
}

void MessageExtension::encode(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(type));
  write_boolean(writer, critical);
  writer.opaque32(extension_contents);
}

}  // namespace carillon::wire
