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
  /// Runs `action` with the result of the next sync too, but there is no hurry: whoever has written
  /// something will say so, and marks it then.
  void with_next_sync(Action action) { patient_.push_back(std::move(action)); }
  [[nodiscard]] bool is_needed() const { return dirty_ || !waiting_.empty(); }

  /// `sync` is called only if something was written.
  template <typename Sync>
  Result<void> run(Sync&& sync) {
    Result<void> result{};
    std::vector<Action> patient;
    if (std::exchange(dirty_, false)) {
      result = std::forward<Sync>(sync)();
      patient = std::exchange(patient_, {});
    }
    auto due = std::exchange(waiting_, {});
    for (auto* actions : {&patient, &due}) {
      for (auto& action : *actions)
        action(result);
    }
    return result;
  }

 private:
  bool dirty_{false};
  std::vector<Action> waiting_;
  std::vector<Action> patient_;
};

}  // namespace carillon::peer
