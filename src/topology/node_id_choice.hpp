#pragma once

#include <span>

#include <carillon/ids.hpp>

#include "base/random.hpp"

namespace carillon::topology {

/// How many random Node-IDs are drawn for a new peer, of which the best placed is kept.
inline constexpr int node_id_candidates = 1'024;

/// A Node-ID for a new peer beside the `present` ones (ascending). Each candidate is random, as it
/// must be unpredictable to who asks (RFC 6940, 11.3); of a thousand, the one is kept that splits
/// a large gap of the ring well. Then no peer of n answers for more than about 1.5/n.
///
/// Halving the largest gap each time would leave some peers with twice the mean share whenever n is
/// no power of two. So a gap is split a little unevenly, as in log2(1 + 1/n) =
/// log2(1 + 1/2n) + log2(1 + 1/(2n+1)): then the parts of n peers are all between 0.7/n and 1.45/n
/// (de Bruijn and Erdős, 1949).
[[nodiscard]] NodeId choose_node_id(std::span<const NodeId> present, Random& random);

/// Who of the `present` ones (ascending, at least one) should leave when the overlay is to have one
/// peer less: the one whose range and its successor's, which takes it over, are the least together.
/// That is never more than twice the mean share. Who leaves by chance leaves gaps of any size.
[[nodiscard]] NodeId choose_leaver(std::span<const NodeId> present);

}  // namespace carillon::topology
