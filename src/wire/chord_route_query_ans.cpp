#include "wire/chord_route_query_ans.hpp"

namespace carillon::wire {

//   struct {
//      NodeId                  next_peer;
//   } ChordRouteQueryAns;
ChordRouteQueryAns ChordRouteQueryAns::decode(Reader& reader) {
  return {read_node_id(reader, "ChordRouteQueryAns.next_peer")};
}

void ChordRouteQueryAns::encode(Writer& writer) const {
  write_node_id(writer, next_peer);
}

}  // namespace carillon::wire
