#include <algorithm>

#include <carillon/ids.hpp>

#include "base/hex.hpp"

namespace carillon {

Result<NodeId> NodeId::from_bytes(ByteView octets) {
  if (octets.size() != size) {
    return fail(ErrorCode::malformed, "NodeId",
                "has " + std::to_string(octets.size()) + " octets, must have 16");
  }
  Octets copy{};
  std::ranges::copy(octets, copy.begin());
  return NodeId{copy};
}

Result<NodeId> NodeId::from_hex(std::string_view text) {
  auto octets = carillon::from_hex(text);
  if (!octets) return std::unexpected(octets.error());
  return from_bytes(*octets);
}

std::string NodeId::to_hex() const {
  return carillon::to_hex(octets_);
}

NodeId NodeId::wildcard() {
  Octets ones{};
  ones.fill(0xff);
  return NodeId{ones};
}

Result<ResourceId> ResourceId::from_hex(std::string_view text) {
  auto octets = carillon::from_hex(text);
  if (!octets) return std::unexpected(octets.error());
  if (octets->size() > 255) {
    return fail(ErrorCode::malformed, "ResourceId", "has more than 255 octets");
  }
  return ResourceId{*std::move(octets)};
}

std::string ResourceId::to_hex() const {
  return carillon::to_hex(octets_);
}

}  // namespace carillon
