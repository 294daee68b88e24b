#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "base/timer_queue.hpp"
#include "forwarding/forwarding_options.hpp"
#include "forwarding/incoming.hpp"

namespace carillon::forwarding {

/// Puts fragments together again (RFC 6940, 6.7). A message may come twice, cut differently each
/// time, since each hop may fragment: so it is put together by offset, and an octet that is there
/// already is kept.
class Reassembly {
 public:
  enum class Outcome : std::uint8_t {
    incomplete,  ///< More is needed.
    complete,    ///< `take_completed` has it.
    refused,     ///< Contradictory, too large, or no room.
  };

  Reassembly(const ForwardingOptions& options, TimerQueue& timers);
  ~Reassembly();
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  /// Takes a fragment. A whole message must not be given.
  [[nodiscard]] Outcome add(Now now, Delivered fragment);
  /// The message that `add` has just completed, under the header of its first fragment.
  [[nodiscard]] Delivered take_completed();

  [[nodiscard]] std::size_t size() const { return partial_.size(); }
  [[nodiscard]] std::size_t octets() const { return octets_; }
  [[nodiscard]] std::uint64_t timed_out() const { return timed_out_; }

 private:
  struct Interval {
    std::size_t begin{};
    std::size_t end{};
  };
  struct Partial {
    Delivered message{};           ///< With the octets so far.
    std::vector<Interval> have{};  ///< Sorted, not touching each other.
    std::optional<std::size_t> total{};
    TimerId timer{};

    [[nodiscard]] bool contradicts(const Interval& range, bool last) const;
    void insert(Delivered fragment, const Interval& range);
    [[nodiscard]] bool is_complete() const;
  };
  using Table = std::unordered_map<wire::TransactionId, Partial>;

  void forget(Table::iterator entry);

  const ForwardingOptions& options_;
  TimerQueue& timers_;
  Table partial_;
  std::size_t octets_{0};
  std::uint64_t timed_out_{0};
  std::optional<Delivered> completed_;
};

}  // namespace carillon::forwarding
