#pragma once

#include "storage/storage.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// Takes what is newer than ours out of another peer's answer to a Fetch of all values at
/// `resource`; each value is verified. `malformed`; `io` and the like of the storage.
[[nodiscard]] Result<storage::MergeReport> take_copy(PeerCore& core, const ResourceId& resource,
                                                     const transport::Response& response);

}  // namespace carillon::peer
