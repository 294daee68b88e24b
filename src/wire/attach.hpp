#pragma once

#include <vector>

#include "wire/ice_candidate.hpp"

namespace carillon::wire {

/// The body of both attach_req and attach_ans (RFC 6940, 6.5.1.1). `decode` refuses candidates with
/// ICE beside candidates without.
struct AttachReqAns {
  Bytes ufrag{};  ///< At most 255 octets, as the next two.
  Bytes password{};
  Bytes role{};  ///< "passive" in the request, "active" in the answer.
  std::vector<IceCandidate> candidates{};
  bool send_update{};

  [[nodiscard]] static AttachReqAns decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const AttachReqAns&, const AttachReqAns&) = default;
};

}  // namespace carillon::wire
