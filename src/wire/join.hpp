#pragma once

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.4.2.1.
struct JoinReq {
  static constexpr MessageCode code = MessageCode::join_req;

  NodeId joining_peer_id{};
  Bytes overlay_specific_data{};  ///< At most 65535 octets; empty in CHORD-RELOAD.

  [[nodiscard]] static JoinReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const JoinReq&, const JoinReq&) = default;
};

struct JoinAns {
  static constexpr MessageCode code = MessageCode::join_ans;

  Bytes overlay_specific_data{};  ///< At most 65535 octets; empty in CHORD-RELOAD.

  [[nodiscard]] static JoinAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const JoinAns&, const JoinAns&) = default;
};

}  // namespace carillon::wire
