#pragma once

#include <optional>
#include <span>
#include <vector>

#include "storage/storage_types.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

/// A private Kind (14.6) of which nothing is ever stored. A Store of it carries replicas of several
/// resources in one message: one signature to make and to verify, and one answer, in place of one
/// each (docs/decisions/0017-bundles.md). Its dictionary keys are Resource-IDs, its values
/// StoreReqs as 7.4.1.1 has them; each is judged and stored as if it had come alone. It is answered
/// when all of them are durable, with an error if one was refused; then the sender sends each by
/// itself. A peer of another make answers Error_Unknown_Kind.
inline constexpr KindId bundle_kind{0xf0000005};

/// Resources in one bundle. A member takes it in in several steps (BundleIntake).
inline constexpr std::size_t max_bundled = 8;

/// The Store that carries `parts`; at least one, replicas all.
[[nodiscard]] wire::StoreReq make_bundle(std::span<const wire::StoreReq> parts);
/// What is in it; nothing if this is an ordinary Store. `malformed`, `too_large`.
[[nodiscard]] Result<std::optional<std::vector<wire::StoreReq>>> read_bundle(
    const wire::StoreReq& request, const wire::DataModelOf& models);

}  // namespace carillon::peer
