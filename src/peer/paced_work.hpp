#pragma once

#include <functional>
#include <utility>

#include "peer/timer.hpp"

namespace carillon::peer {

/// Work that would keep the peer from serving phones, were it done at a stretch. It is done a spell
/// at a time; after each the peer rests at least twice as long as that took, sync and waiting for
/// the processor included.
class PacedWork {
 public:
  static constexpr int rest_for_work = 2;  ///< So many times what the spell took.

  /// Does a little; false if there was nothing to do.
  using Spell = std::move_only_function<bool()>;

  /// `now`: as this turn has it.
  PacedWork(TimerQueue& timers, const Now& now, MonotonicClock::duration shortest_rest, Spell spell)
      : now_(now), shortest_rest_(shortest_rest), spell_(std::move(spell)), timer_(timers) {}

  /// There is something to do. Begins at once, unless it is at it already, or rests.
  void wake();
  void stop() { timer_.cancel(); }

 private:
  void work();
  void rest(MonotonicClock::duration worked);

  const Now& now_;
  MonotonicClock::duration shortest_rest_;
  Spell spell_;
  Timer timer_;
};

}  // namespace carillon::peer
