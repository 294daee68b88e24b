#include "topology/attempts.hpp"

#include <algorithm>

namespace carillon::topology {

bool Attempts::is_under_way(const NodeId& node, MonotonicTime now) const {
  const auto found = nodes_.find(node);
  return found != nodes_.end() && found->second.under_way && found->second.until > now;
}

bool Attempts::may_start(const NodeId& node, MonotonicTime now) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() || found->second.until <= now;
}

bool Attempts::any_under_way(MonotonicTime now) const {
  return std::ranges::any_of(
      nodes_, [now](const auto& item) { return item.second.under_way && item.second.until > now; });
}

void Attempts::started(const NodeId& node, MonotonicTime now) {
  make_room(now);
  Attempt& attempt = nodes_[node];
  if (attempt.under_way) ++attempt.failures;  // The one before never ended.
  attempt.under_way = true;
  attempt.until = now + give_up_after;
}

void Attempts::failed(const NodeId& node, MonotonicTime now) {
  make_room(now);
  Attempt& attempt = nodes_[node];
  attempt.under_way = false;
  const unsigned doublings = std::min(attempt.failures, 10U);
  ++attempt.failures;
  attempt.until = now + std::min(longest_pause, first_pause * (1 << doublings));
}

void Attempts::pause(const NodeId& node, MonotonicTime until) {
  make_room(until);
  Attempt& attempt = nodes_[node];
  attempt.under_way = false;
  attempt.until = until;
}

std::optional<MonotonicTime> Attempts::next_change(MonotonicTime now) const {
  std::optional<MonotonicTime> next;
  for (const auto& [node, attempt] : nodes_) {
    if (attempt.until > now && (!next || attempt.until < *next)) next = attempt.until;
  }
  return next;
}

void Attempts::make_room(MonotonicTime now) {
  if (nodes_.size() < max_nodes) return;
  // What was over longest ago is the least loss.
  std::erase_if(nodes_, [now](const auto& item) { return item.second.until <= now; });
  if (nodes_.size() < max_nodes) return;
  nodes_.erase(
      std::ranges::min_element(nodes_, {}, [](const auto& item) { return item.second.until; }));
}

}  // namespace carillon::topology
