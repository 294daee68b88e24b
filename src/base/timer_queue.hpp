#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace carillon {

/// A timer that was set. Zero is none.
enum class TimerId : std::uint64_t { none = 0 };

/// The timers of one core: who holds the core asks for the next deadline, and comes back then.
///
/// All components of a peer share one queue. An action may set and cancel timers, its own
/// included. Timers due at the same instant run in the order they were set.
///
/// A binary heap of deadlines over a table of actions. A cancelled timer's deadline stays in the
/// heap until it comes up, or until more than half of the heap is such.
class TimerQueue {
 public:
  using Action = std::move_only_function<void(Now)>;

  [[nodiscard]] TimerId set(MonotonicTime at, Action action);
  /// Cancels; harmless for a timer that has run or was cancelled. Resets `id` to none.
  void cancel(TimerId& id);

  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;
  /// Runs every timer due at `now`, those set meanwhile included if they are due.
  void run_due(Now now);

  /// Room for so many, so that nobody waits while it is made.
  void reserve(std::size_t timers);

  /// See Peer::prefetch_tables.
  void prefetch() const;

  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    Action action{};
    std::uint64_t sequence{0};  ///< Of the timer that has the slot now; 0: none has.
  };
  struct Deadline {
    MonotonicTime at{};
    std::uint64_t sequence{};
    std::uint32_t slot{};
  };
  struct Later {
    bool operator()(const Deadline& left, const Deadline& right) const {
      return left.at != right.at ? left.at > right.at : left.sequence > right.sequence;
    }
  };
  /// An id is the slot's number, from 1, and above it the lower bits of the sequence.
  static constexpr unsigned slot_bits = 24;

  [[nodiscard]] bool is_live(const Deadline& deadline) const {
    return slots_[deadline.slot].sequence == deadline.sequence;
  }
  [[nodiscard]] Action release(std::uint32_t slot);
  void drop_dead();

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Deadline> heap_;  ///< The first is always live.
  std::uint64_t last_sequence_{0};
};

}  // namespace carillon
