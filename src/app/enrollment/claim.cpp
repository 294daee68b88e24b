#include <algorithm>

#include "app/enrollment/enrollment_overlay.hpp"

namespace carillon::app {

Bytes Claim::to_bytes() const {
  Bytes octets(key.begin(), key.end());
  const auto id = node_id.bytes();
  octets.insert(octets.end(), id.begin(), id.end());
  return octets;
}

Result<Claim> Claim::from_bytes(ByteView octets) {
  Claim claim;
  NodeId::Octets id{};
  if (octets.size() != claim.key.size() + id.size()) {
    return fail(ErrorCode::malformed, "claim", "has the wrong length");
  }
  std::ranges::copy(octets.first(claim.key.size()), claim.key.begin());
  std::ranges::copy(octets.subspan(claim.key.size()), id.begin());
  claim.node_id = NodeId{id};
  return claim;
}

}  // namespace carillon::app
