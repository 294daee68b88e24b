#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <carillon/error.hpp>

namespace carillon::peer {

/// What has to wait until the stored data is durable: one sync serves all of a turn.
class GroupCommit {
 public:
  using Action = std::move_only_function<void(const Result<void>&)>;

  /// Something was written.
  void mark() { dirty_ = true; }
  /// Runs `action` after the next sync, with its result.
  void after_sync(Action action) { waiting_.push_back(std::move(action)); }
  [[nodiscard]] bool is_needed() const { return dirty_ || !waiting_.empty(); }

  /// `sync` is called only if something was written.
  template <typename Sync>
  Result<void> run(Sync&& sync) {
    Result<void> result{};
    if (std::exchange(dirty_, false)) result = std::forward<Sync>(sync)();
    auto due = std::exchange(waiting_, {});
    for (auto& action : due)
      action(result);
    return result;
  }

 private:
  bool dirty_{false};
  std::vector<Action> waiting_;
};

}  // namespace carillon::peer
