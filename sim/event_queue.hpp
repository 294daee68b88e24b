#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace carillon::sim {

enum class EventKind : std::uint8_t {
  wake,     ///< A peer's next deadline.
  deliver,  ///< Octets arrive at one end of a connection.
  closed,   ///< The other end's close arrives.
  connect,  ///< A connection that was asked for comes up, or not.
  call,     ///< A step of the scenario.
};

/// Small, and of one size, so that a hundred million of them cost no allocation each.
struct Event {
  EventKind kind{};
  std::uint8_t side{};      ///< Of the connection.
  std::uint32_t subject{};  ///< A host, a connection or a call.
  std::uint64_t number{};   ///< A life, a generation or a link.
  std::uint32_t other{};    ///< A second host, or an index of what goes with it.
  Bytes octets{};
};

/// What will happen, in order of time; at one instant, in the order in which it was caused.
///
/// Keys over a pool of events: those of the present few milliseconds sorted, those of the next
/// seconds in a wheel of buckets, a bucket for each few milliseconds, and what comes later in a
/// binary heap. So what comes next is known some way ahead, for `upcoming`.
class EventQueue {
 public:
  EventQueue() : wheel_(wheel_size) {}

  void push(MonotonicTime at, Event event);
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] MonotonicTime next_time() const { return present_[next_].at; }
  [[nodiscard]] Event pop();
  [[nodiscard]] std::size_t size() const { return size_; }

  /// The event that comes `ahead` after the next one, if that is known: for a look at what it will
  /// need. Null if not.
  [[nodiscard]] const Event* upcoming(std::size_t ahead) const {
    const std::size_t at = next_ + ahead;
    return at < present_.size() ? &slots_[present_[at].slot] : nullptr;
  }

 private:
  struct Key {
    MonotonicTime at{};
    std::uint64_t sequence{};
    std::uint32_t slot{};
  };
  struct Earlier {
    bool operator()(const Key& left, const Key& right) const {
      return left.at != right.at ? left.at < right.at : left.sequence < right.sequence;
    }
  };
  struct Later {
    bool operator()(const Key& left, const Key& right) const { return Earlier{}(right, left); }
  };
  static constexpr unsigned tick_bits = 12;  ///< A tick is 4.1 ms.
  static constexpr std::size_t wheel_size = 1024;

  [[nodiscard]] static std::uint64_t tick_of(MonotonicTime at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count()) >> tick_bits;
  }
  [[nodiscard]] std::uint32_t take_slot(Event event);
  void go_on();
  void fill_wheel();

  std::vector<Key> present_;  ///< Sorted; all of ticks up to `tick_`.
  std::size_t next_{0};       ///< In it. There is one whenever the queue is not empty.
  std::uint64_t tick_{0};
  std::vector<std::vector<Key>> wheel_;  ///< Of the ticks after `tick_`, modulo the wheel's size.
  std::size_t in_wheel_{0};
  std::vector<Key> far_;  ///< A heap of those beyond the wheel.

  std::vector<Event> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t last_sequence_{0};
  std::size_t size_{0};
};

}  // namespace carillon::sim
