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

/// What will happen, in order of time; at one instant, in the order in which it was caused. A
/// binary heap of keys over a pool of events.
class EventQueue {
 public:
  void push(MonotonicTime at, Event event);
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] MonotonicTime next_time() const { return heap_.front().at; }
  [[nodiscard]] Event pop();
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Key {
    MonotonicTime at{};
    std::uint64_t sequence{};
    std::uint32_t slot{};
  };
  struct Later {
    bool operator()(const Key& left, const Key& right) const {
      return left.at != right.at ? left.at > right.at : left.sequence > right.sequence;
    }
  };

  std::vector<Key> heap_;
  std::vector<Event> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t last_sequence_{0};
};

}  // namespace carillon::sim
