#include "wire/attach.hpp"

namespace carillon::wire {

//   struct {
//     opaque                ufrag<0..2^8-1>;
//     opaque                password<0..2^8-1>;
//     opaque                role<0..2^8-1>;
//     IceCandidate          candidates<0..2^16-1>;
//     Boolean               send_update;
//   } AttachReqAns;
AttachReqAns AttachReqAns::decode(Reader& reader) {
  AttachReqAns value;
  value.ufrag = read_opaque(reader, 1, "AttachReqAns.ufrag");
  value.password = read_opaque(reader, 1, "AttachReqAns.password");
  value.role = read_opaque(reader, 1, "AttachReqAns.role");
  value.candidates = read_list<IceCandidate>(reader, 2, "AttachReqAns.candidates");
  value.send_update = read_boolean(reader, "AttachReqAns.send_update");
  return value;
}

void AttachReqAns::encode(Writer& writer) const {
  writer.opaque8(ufrag);
  writer.opaque8(password);
  writer.opaque8(role);
  write_list(writer, 2, candidates);
  write_boolean(writer, send_update);
}

}  // namespace carillon::wire
