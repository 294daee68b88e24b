#include "peer/known_peers.hpp"

#include <algorithm>
#include <utility>

namespace carillon::peer {

void KnownPeers::add(const NodeId& node, link::AddressPort address, MonotonicTime now) {
  if (!peers_.contains(node) && peers_.size() >= capacity_) {
    peers_.erase(
        std::ranges::min_element(peers_, {}, [](const auto& item) { return item.second.seen; }));
  }
  peers_.insert_or_assign(node, Entry{std::move(address), now});
}

void KnownPeers::seen(const NodeId& node, MonotonicTime now) {
  const auto found = peers_.find(node);
  if (found != peers_.end()) found->second.seen = now;
}

std::optional<link::AddressPort> KnownPeers::find(const NodeId& node) const {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return std::nullopt;
  return found->second.address;
}

std::vector<KnownPeers::Peer> KnownPeers::list() const {
  std::vector<std::pair<MonotonicTime, Peer>> sorted;
  for (const auto& [node, entry] : peers_)
    sorted.push_back({entry.seen, {node, entry.address}});
  std::ranges::stable_sort(sorted, std::greater{}, &std::pair<MonotonicTime, Peer>::first);
  std::vector<Peer> peers;
  for (auto& [seen, peer] : sorted)
    peers.push_back(std::move(peer));
  return peers;
}

}  // namespace carillon::peer
