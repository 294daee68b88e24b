#pragma once

#include <optional>
#include <vector>

#include "storage/storage_types.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

/// A private Kind (14.6) of which nothing is ever stored. A Store of it says to the responsible
/// peer: "I hold this at these resources". Its dictionary keys are Resource-IDs, its values digests
/// (storage::ResourceDigest). Whoever gets it fetches what it lacks from the sender and verifies
/// each value; it is answered when all of that is durable (docs/decisions/0015-stray-copies.md). A
/// peer of another make answers Error_Unknown_Kind.
inline constexpr KindId stray_kind{0xf0000004};

/// Resources in one offer: a message of some 4 kB.
inline constexpr std::size_t max_offered = 64;

/// The Store that makes an offer; at least one resource.
[[nodiscard]] wire::StoreReq make_stray_offer(const std::vector<storage::ResourceDigest>& held);
/// What is offered; nothing if this is an ordinary Store. `malformed`, `too_large`.
[[nodiscard]] Result<std::optional<std::vector<storage::ResourceDigest>>> read_stray_offer(
    const wire::StoreReq& request);

}  // namespace carillon::peer
