#include "sim/membership.hpp"

#include <algorithm>
#include <iterator>

#include "topology/node_id_choice.hpp"
#include "topology/ring_position.hpp"

namespace carillon::sim {

NodeId Membership::enroll(Random& random) {
  const NodeId id = topology::choose_node_id(enrolled_, random);
  enrolled_.insert(std::ranges::lower_bound(enrolled_, id), id);
  return id;
}

void Membership::forget_enrolled(const NodeId& id) {
  const auto at = std::ranges::lower_bound(enrolled_, id);
  if (at != enrolled_.end() && *at == id) enrolled_.erase(at);
}

void Membership::add(Host& host) {
  ring_.emplace(host.id(), &host);
  const auto at = std::ranges::lower_bound(enrolled_, host.id());
  if (at == enrolled_.end() || *at != host.id()) enrolled_.insert(at, host.id());
  members_.push_back(&host);
}

void Membership::remove(Host& host) {
  ring_.erase(host.id());
  std::erase(members_, &host);
  forget_enrolled(host.id());
}

Host& Membership::random_member(Random& random) const {
  return *members_[random.below(members_.size())];
}

Host* Membership::random_stayer(Random& random) const {
  for (int tries = 0; tries < 64 && !members_.empty(); ++tries) {
    Host& host = random_member(random);
    if (!host.is_leaving) return &host;
  }
  return nullptr;
}

Host* Membership::best_leaver() const {
  std::vector<NodeId> stayers;
  for (const auto& [id, host] : ring_) {
    if (!host->is_leaving) stayers.push_back(id);
  }
  return stayers.empty() ? nullptr : ring_.at(topology::choose_leaver(stayers));
}

Host& Membership::responsible_for(const ResourceId& place) const {
  const auto at = ring_.lower_bound(topology::RingPosition{place}.node_id());
  return at == ring_.end() ? *ring_.begin()->second : *at->second;
}

Host& Membership::successor_of(const Host& host) const {
  const auto next = ring_.upper_bound(host.id());
  return next == ring_.end() ? *ring_.begin()->second : *next->second;
}

std::vector<Host*> Membership::around(const NodeId& place, std::size_t count) const {
  std::vector<Host*> list;
  if (ring_.empty()) return list;
  if (ring_.size() <= 2 * count + 1) {
    for (const auto& [id, host] : ring_)
      list.push_back(host);
    return list;
  }
  auto at = ring_.lower_bound(place);
  for (std::size_t i = 0; i < count; ++i)
    at = at == ring_.begin() ? std::prev(ring_.end()) : std::prev(at);
  for (std::size_t i = 0; i < 2 * count + 1; ++i) {
    if (at == ring_.end()) at = ring_.begin();
    list.push_back(at->second);
    ++at;
  }
  return list;
}

}  // namespace carillon::sim
