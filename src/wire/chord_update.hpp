#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/codec.hpp"
#include "wire/message_code.hpp"

namespace carillon::wire {

enum class ChordUpdateType : std::uint8_t {
  invalid_chord_update_type = 0,
  peer_ready = 1,
  neighbors = 2,
  full = 3,
};

/// The RFC's name; empty for a number that is not assigned.
[[nodiscard]] std::string_view to_string(ChordUpdateType type);

/// The body of update_req in CHORD-RELOAD (RFC 6940, 10.7). Lists that the type does not have stay
/// empty and are not written.
struct ChordUpdate {
  static constexpr MessageCode code = MessageCode::update_req;

  std::uint32_t uptime{};  ///< Seconds.
  ChordUpdateType type{ChordUpdateType::peer_ready};
  std::vector<NodeId> predecessors{};  ///< neighbors and full
  std::vector<NodeId> successors{};    ///< neighbors and full
  std::vector<NodeId> fingers{};       ///< full; numerically ascending

  [[nodiscard]] static ChordUpdate decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ChordUpdate&, const ChordUpdate&) = default;
};

}  // namespace carillon::wire
