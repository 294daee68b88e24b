#include "wire/leave.hpp"

namespace carillon::wire {

//   struct {
//      NodeId                leaving_peer_id;
//      opaque                overlay_specific_data<0..2^16-1>;
//   } LeaveReq;
LeaveReq LeaveReq::decode(Reader& reader) {
  LeaveReq value;
  value.leaving_peer_id = read_node_id(reader, "LeaveReq.leaving_peer_id");
  value.overlay_specific_data = read_opaque(reader, 2, "LeaveReq.overlay_specific_data");
  return value;
}

void LeaveReq::encode(Writer& writer) const {
  write_node_id(writer, leaving_peer_id);
  writer.opaque16(overlay_specific_data);
}

// "LeaveAns is an empty message."
LeaveAns LeaveAns::decode(Reader& /*reader*/) {
  return {};
}

void LeaveAns::encode(Writer& /*writer*/) const {}

}  // namespace carillon::wire
