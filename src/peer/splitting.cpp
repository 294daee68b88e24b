#include <algorithm>
#include <utility>

#include "peer/reconciliation.hpp"
#include "topology/ring_position.hpp"

namespace carillon::peer {

using topology::RingPosition;

DigestQuestion make_question(const std::vector<storage::RingInterval>& intervals,
                             const std::vector<RangeDigest>& ours, std::size_t most) {
  DigestQuestion question;
  std::size_t resources = 0;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    if (ours[i].resources == 0) continue;
    if (question.intervals.empty() || resources + ours[i].resources <= most) {
      resources += ours[i].resources;
      question.intervals.push_back(intervals[i]);
      question.ours.push_back(ours[i]);
    } else {
      question.later.push_back(intervals[i]);
    }
  }
  return question;
}

std::vector<storage::RingInterval> split(const storage::RingInterval& interval, unsigned parts) {
  unsigned shift = 0;
  while ((1U << shift) < parts)
    ++shift;
  const RingPosition after{interval.after};
  const RingPosition length = after.distance_to(RingPosition{interval.upto});
  // The whole ring has length 2^128, of which nothing is left in 128 bits.
  const RingPosition step =
      length.is_zero() ? RingPosition::power_of_two(RingPosition::bits - shift) : length >> shift;
  if (step.is_zero()) return {interval};
  std::vector<storage::RingInterval> pieces;
  RingPosition from = after;
  for (unsigned i = 1; i < parts; ++i) {
    const RingPosition to = from + step;
    pieces.push_back({from.node_id(), to.node_id()});
    from = to;
  }
  pieces.push_back({from.node_id(), interval.upto});
  return pieces;
}

std::vector<wire::StoreReq> split(wire::StoreReq request, std::size_t max_body) {
  if (wire::encode(request).size() <= max_body) return {std::move(request)};
  // In two halves: of the Kinds, or if it is one, of its values.
  wire::StoreReq second;
  second.resource = request.resource;
  second.replica_number = request.replica_number;
  if (request.kind_data.size() > 1) {
    const auto middle =
        request.kind_data.begin() + static_cast<std::ptrdiff_t>(request.kind_data.size() / 2);
    second.kind_data.assign(std::make_move_iterator(middle),
                            std::make_move_iterator(request.kind_data.end()));
    request.kind_data.erase(middle, request.kind_data.end());
  } else if (!request.kind_data.empty() && request.kind_data.front().values.size() > 1) {
    auto& kind = request.kind_data.front();
    const auto middle = kind.values.begin() + static_cast<std::ptrdiff_t>(kind.values.size() / 2);
    second.kind_data.push_back(
        {kind.kind,
         kind.generation_counter,
         {std::make_move_iterator(middle), std::make_move_iterator(kind.values.end())}});
    kind.values.erase(middle, kind.values.end());
  } else {
    return {std::move(request)};  // A single value is what it is; it came in a message, too.
  }
  auto pieces = split(std::move(request), max_body);
  auto rest = split(std::move(second), max_body);
  pieces.insert(pieces.end(), std::make_move_iterator(rest.begin()),
                std::make_move_iterator(rest.end()));
  return pieces;
}

}  // namespace carillon::peer
