#include "wire/message_contents.hpp"

namespace carillon::wire {

//   struct {
//     uint16                 message_code;
//     opaque                 message_body<0..2^32-1>;
//     MessageExtension       extensions<0..2^32-1>;
//   } MessageContents;
MessageContents MessageContents::decode(Reader& reader) {
  MessageContents value;
  value.message_code = static_cast<MessageCode>(reader.u16("MessageContents.message_code"));
  value.message_body = read_opaque(reader, 4, "MessageContents.message_body");
  value.extensions = read_list<MessageExtension>(reader, 4, "MessageContents.extensions");
  return value;
}

void MessageContents::encode(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(message_code));
  writer.opaque32(message_body);
  write_list(writer, 4, extensions);
}

}  // namespace carillon::wire
