#pragma once

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.4.2.3: whatever the overlay algorithm says, without a length. In CHORD-RELOAD the
/// body is a ChordUpdate (chord_update.hpp), which is what to use there.
struct UpdateReq {
  static constexpr MessageCode code = MessageCode::update_req;

  Bytes overlay_specific_data{};

  [[nodiscard]] static UpdateReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const UpdateReq&, const UpdateReq&) = default;
};

/// Empty.
struct UpdateAns {
  static constexpr MessageCode code = MessageCode::update_ans;

  [[nodiscard]] static UpdateAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const UpdateAns&, const UpdateAns&) = default;
};

}  // namespace carillon::wire
