#include "storage/ring_interval.hpp"

#include <algorithm>
#include <ranges>

namespace carillon::storage {

Place next_place(Place place) {
  for (auto& octet : std::views::reverse(place)) {
    if (++octet != 0) break;
  }
  return place;
}

Place last_place() {
  Place place{};
  place.fill(0xff);
  return place;
}

std::optional<Place> place_of(const ResourceId& resource) {
  Place place{};
  if (resource.bytes().size() != place.size()) return std::nullopt;
  std::ranges::copy(resource.bytes(), place.begin());
  return place;
}

bool RingInterval::contains(const ResourceId& resource) const {
  const auto place = place_of(resource);
  if (!place) return false;
  const auto& from = after.octets();
  const auto& to = upto.octets();
  if (from == to) return true;
  if (from < to) return from < *place && *place <= to;
  return from < *place || *place <= to;
}

std::vector<Stretch> RingInterval::stretches() const {
  const Place first = next_place(after.octets());
  if (first <= upto.octets()) return {{first, upto.octets()}};
  return {{first, last_place()}, {Place{}, upto.octets()}};
}

std::vector<Stretch> RingInterval::stretches_from(const ResourceId& from) const {
  const auto start = place_of(from);
  std::vector<Stretch> all = stretches();
  if (!start || !contains(from)) return all;
  std::vector<Stretch> rest;
  for (auto& stretch : all) {
    if (rest.empty() && (*start < stretch.first || *start > stretch.last)) continue;
    if (rest.empty()) stretch.first = *start;
    rest.push_back(stretch);
  }
  return rest;
}

}  // namespace carillon::storage
