#include "wire/chord_update.hpp"

namespace carillon::wire {
namespace {

bool is_known(ChordUpdateType type) {
  return type == ChordUpdateType::peer_ready || type == ChordUpdateType::neighbors ||
         type == ChordUpdateType::full;
}

}  // namespace

std::string_view to_string(ChordUpdateType type) {
  switch (type) {
    case ChordUpdateType::invalid_chord_update_type:
      return "invalidChordUpdateType";
    case ChordUpdateType::peer_ready:
      return "peer_ready";
    case ChordUpdateType::neighbors:
      return "neighbors";
    case ChordUpdateType::full:
      return "full";
  }
  return {};
}

//   struct {
//      uint32                 uptime;
//      ChordUpdateType        type;
//      select (type){
//       case peer_ready:                   /* Empty */
//         ;
//
//       case neighbors:
//         NodeId              predecessors<0..2^16-1>;
//         NodeId              successors<0..2^16-1>;
//
//       case full:
//         NodeId              predecessors<0..2^16-1>;
//         NodeId              successors<0..2^16-1>;
//         NodeId              fingers<0..2^16-1>;
//     };
//   } ChordUpdate;
ChordUpdate ChordUpdate::decode(Reader& reader) {
  ChordUpdate update;
  update.uptime = reader.u32("ChordUpdate.uptime");
  const std::size_t type_at = reader.offset();
  update.type = static_cast<ChordUpdateType>(reader.u8("ChordUpdate.type"));
  if (!is_known(update.type)) {
    reader.reject_at(
        "ChordUpdate.type", type_at,
        "is " + hex_number(static_cast<std::uint64_t>(update.type)) + ", which is not known");
  }
  if (update.type != ChordUpdateType::peer_ready) {
    update.predecessors = read_node_ids(reader, "ChordUpdate.predecessors");
    update.successors = read_node_ids(reader, "ChordUpdate.successors");
  }
  if (update.type == ChordUpdateType::full) {
    update.fingers = read_node_ids(reader, "ChordUpdate.fingers");
  }
  return update;
}

void ChordUpdate::encode(Writer& writer) const {
  writer.u32(uptime);
  writer.u8(static_cast<std::uint8_t>(type));
  if (type != ChordUpdateType::peer_ready) {
    write_node_ids(writer, predecessors);
    write_node_ids(writer, successors);
  }
  if (type == ChordUpdateType::full) write_node_ids(writer, fingers);
}

}  // namespace carillon::wire
