#pragma once

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.4.2.2.
struct LeaveReq {
  static constexpr MessageCode code = MessageCode::leave_req;

  NodeId leaving_peer_id{};
  Bytes overlay_specific_data{};  ///< In CHORD-RELOAD a ChordLeaveData (10.9).

  [[nodiscard]] static LeaveReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const LeaveReq&, const LeaveReq&) = default;
};

/// Empty.
struct LeaveAns {
  static constexpr MessageCode code = MessageCode::leave_ans;

  [[nodiscard]] static LeaveAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const LeaveAns&, const LeaveAns&) = default;
};

}  // namespace carillon::wire
