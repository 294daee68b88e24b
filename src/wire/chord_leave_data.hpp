#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"

namespace carillon::wire {

enum class ChordLeaveType : std::uint8_t {
  invalid_chord_leave_type = 0,
  from_succ = 1,  ///< The sender is the recipient's successor.
  from_pred = 2,  ///< The sender is the recipient's predecessor.
};

/// The RFC's name; empty for a number that is not assigned.
[[nodiscard]] std::string_view to_string(ChordLeaveType type);

/// LeaveReq.overlay_specific_data in CHORD-RELOAD (RFC 6940, 10.9).
struct ChordLeaveData {
  ChordLeaveType type{ChordLeaveType::from_succ};
  /// The sender's successors if `from_succ`, its predecessors if `from_pred`.
  std::vector<NodeId> nodes{};

  [[nodiscard]] static ChordLeaveData decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ChordLeaveData&, const ChordLeaveData&) = default;
};

}  // namespace carillon::wire
