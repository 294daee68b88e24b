#pragma once

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

/// The body of route_query_ans in CHORD-RELOAD (RFC 6940, 10.8).
struct ChordRouteQueryAns {
  static constexpr MessageCode code = MessageCode::route_query_ans;

  NodeId next_peer{};

  [[nodiscard]] static ChordRouteQueryAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ChordRouteQueryAns&, const ChordRouteQueryAns&) = default;
};

}  // namespace carillon::wire
