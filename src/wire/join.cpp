#include "wire/join.hpp"

namespace carillon::wire {

//   struct {
//      NodeId                joining_peer_id;
//      opaque                overlay_specific_data<0..2^16-1>;
//   } JoinReq;
JoinReq JoinReq::decode(Reader& reader) {
  JoinReq value;
  value.joining_peer_id = read_node_id(reader, "JoinReq.joining_peer_id");
  value.overlay_specific_data = read_opaque(reader, 2, "JoinReq.overlay_specific_data");
  return value;
}

void JoinReq::encode(Writer& writer) const {
  write_node_id(writer, joining_peer_id);
  writer.opaque16(overlay_specific_data);
}

//   struct {
//      opaque                overlay_specific_data<0..2^16-1>;
//   } JoinAns;
JoinAns JoinAns::decode(Reader& reader) {
  return {read_opaque(reader, 2, "JoinAns.overlay_specific_data")};
}

void JoinAns::encode(Writer& writer) const {
  writer.opaque16(overlay_specific_data);
}

}  // namespace carillon::wire
