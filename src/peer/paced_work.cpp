#include "peer/paced_work.hpp"

#include <algorithm>

namespace carillon::peer {

void PacedWork::wake() {
  if (!timer_.is_set()) work();
}

void PacedWork::work() {
  // The next turn begins when this one is over, sync and all: then we know what it took.
  const MonotonicTime began = now_.monotonic;
  timer_.set(began + MonotonicClock::duration{1},
             [this, began](Now now) { rest(now.monotonic - began); });
  if (!spell_()) timer_.cancel();
}

void PacedWork::rest(MonotonicClock::duration worked) {
  const auto pause = std::max<MonotonicClock::duration>(shortest_rest_, rest_for_work * worked);
  timer_.set(now_.monotonic + pause, [this](Now) { work(); });
}

}  // namespace carillon::peer
