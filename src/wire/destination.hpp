#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "wire/codec.hpp"

namespace carillon::wire {

enum class DestinationType : std::uint8_t {
  invalid_destination_type = 0,
  node = 1,
  resource = 2,
  opaque_id_type = 3,
};

/// A compressed list that only the peer that made it can read. `compact` tells the 16-bit form from
/// the long one; both mean the same, so it does not take part in comparisons.
struct OpaqueId {
  Bytes opaque_id{};
  bool compact{false};  ///< Then `opaque_id` has two octets, the first with its top bit set.

  /// The 16-bit form; the top bit is set here.
  [[nodiscard]] static OpaqueId from_u16(std::uint16_t value);
  friend bool operator==(const OpaqueId& a, const OpaqueId& b) {
    return a.opaque_id == b.opaque_id;
  }
};

/// A destination of a type that we don't know; kept as it came (6.3.2.2).
struct UnknownDestination {
  DestinationType type{};
  Bytes octets{};
  friend bool operator==(const UnknownDestination&, const UnknownDestination&) = default;
};

/// One place on a Destination or Via List (RFC 6940, 6.3.2.2).
struct Destination {
  std::variant<NodeId, ResourceId, OpaqueId, UnknownDestination> destination_data{};

  Destination() = default;
  Destination(const NodeId& node_id) : destination_data(node_id) {}                  // NOLINT
  Destination(ResourceId resource_id) : destination_data(std::move(resource_id)) {}  // NOLINT
  Destination(OpaqueId opaque_id) : destination_data(std::move(opaque_id)) {}        // NOLINT
  Destination(UnknownDestination unknown) : destination_data(std::move(unknown)) {}  // NOLINT

  [[nodiscard]] DestinationType type() const;
  /// The Node-ID, Resource-ID or opaque id, or nullptr if it is another type.
  [[nodiscard]] const NodeId* node_id() const { return std::get_if<NodeId>(&destination_data); }
  [[nodiscard]] const ResourceId* resource_id() const {
    return std::get_if<ResourceId>(&destination_data);
  }
  [[nodiscard]] const OpaqueId* opaque_id() const {
    return std::get_if<OpaqueId>(&destination_data);
  }

  [[nodiscard]] static Destination decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const Destination&, const Destination&) = default;
};

using DestinationList = std::vector<Destination>;

}  // namespace carillon::wire
