#include "wire/chord_leave_data.hpp"

namespace carillon::wire {

std::string_view to_string(ChordLeaveType type) {
  switch (type) {
    case ChordLeaveType::invalid_chord_leave_type:
      return "invalidChordLeaveType";
    case ChordLeaveType::from_succ:
      return "from_succ";
    case ChordLeaveType::from_pred:
      return "from_pred";
  }
  return {};
}

//   struct {
//     ChordLeaveType         type;
//
//     select (type) {
//       case from_succ:
//         NodeId            successors<0..2^16-1>;
//
//       case from_pred:
//         NodeId           predecessors<0..2^16-1>;
//     };
//   } ChordLeaveData;
ChordLeaveData ChordLeaveData::decode(Reader& reader) {
  ChordLeaveData data;
  const std::size_t type_at = reader.offset();
  data.type = static_cast<ChordLeaveType>(reader.u8("ChordLeaveData.type"));
  if (data.type != ChordLeaveType::from_succ && data.type != ChordLeaveType::from_pred) {
    reader.reject_at(
        "ChordLeaveData.type", type_at,
        "is " + hex_number(static_cast<std::uint64_t>(data.type)) + ", which is not known");
  }
  data.nodes =
      read_node_ids(reader, data.type == ChordLeaveType::from_succ ? "ChordLeaveData.successors"
                                                                   : "ChordLeaveData.predecessors");
  return data;
}

void ChordLeaveData::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  write_node_ids(writer, nodes);
}

}  // namespace carillon::wire
