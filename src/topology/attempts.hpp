#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include <carillon/ids.hpp>

#include "base/time.hpp"

namespace carillon::topology {

/// Which nodes we are trying to reach, and which we had better leave alone for a while: others go
/// on naming a dead peer until they notice themselves, and must not make us call it all the time.
class Attempts {
 public:
  static constexpr std::size_t max_nodes = 256;
  static constexpr milliseconds first_pause{2000};
  static constexpr milliseconds longest_pause{60'000};
  /// An attempt that brought neither success nor failure counts as failed after this.
  static constexpr milliseconds give_up_after{16'000};

  /// Whether an attempt is under way.
  [[nodiscard]] bool is_under_way(const NodeId& node, MonotonicTime now) const;
  /// Neither under way nor within a pause.
  [[nodiscard]] bool may_start(const NodeId& node, MonotonicTime now) const;
  [[nodiscard]] bool any_under_way(MonotonicTime now) const;

  void started(const NodeId& node, MonotonicTime now);
  /// Pauses, each time twice as long.
  void failed(const NodeId& node, MonotonicTime now);
  /// Pauses for a while, whatever was before.
  void pause(const NodeId& node, MonotonicTime until);
  void succeeded(const NodeId& node) { nodes_.erase(node); }
  void clear() { nodes_.clear(); }

  /// When the next pause or attempt ends.
  [[nodiscard]] std::optional<MonotonicTime> next_change(MonotonicTime now) const;

 private:
  struct Attempt {
    bool under_way{false};
    unsigned failures{0};
    MonotonicTime until{};  ///< End of the pause, or when the attempt counts as failed.
  };
  void make_room(MonotonicTime now);

  std::map<NodeId, Attempt> nodes_;
};

}  // namespace carillon::topology
