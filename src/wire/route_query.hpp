#pragma once

#include "wire/codec.hpp"
#include "wire/destination.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// RFC 6940, 6.4.2.4.1.
struct RouteQueryReq {
  static constexpr MessageCode code = MessageCode::route_query_req;

  bool send_update{};  ///< Whether an Update shall follow.
  Destination destination{};
  Bytes overlay_specific_data{};  ///< At most 65535 octets; empty in CHORD-RELOAD.

  [[nodiscard]] static RouteQueryReq decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const RouteQueryReq&, const RouteQueryReq&) = default;
};

/// RFC 6940, 6.4.2.4.2: whatever the overlay algorithm says, without a length. In CHORD-RELOAD the
/// body is a ChordRouteQueryAns (chord_route_query_ans.hpp), which is what to use there.
struct RouteQueryAns {
  static constexpr MessageCode code = MessageCode::route_query_ans;

  Bytes overlay_specific_data{};

  [[nodiscard]] static RouteQueryAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const RouteQueryAns&, const RouteQueryAns&) = default;
};

}  // namespace carillon::wire
