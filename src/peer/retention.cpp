#include "peer/retention.hpp"

#include "peer/core.hpp"

namespace carillon::peer {

Retention::Retention(PeerCore& core) : core_(core), expiry_timer_(core.timers) {}

void Retention::start() {
  expiry_timer_.set(core_.now.monotonic + core_.random.jittered(expiry_interval),
                    [this](Now) { expire(); });
}

void Retention::stop() {
  expiry_timer_.cancel();
}

void Retention::expire() {
  milliseconds next = core_.random.jittered(expiry_interval);
  const auto visited = core_.storage.expire(core_.now, slice);
  if (!visited) {
    core_.notice(Severity::error, "removing expired values: " + visited.error().message());
  } else if (*visited > 0) {
    core_.commit.mark();
    if (*visited >= slice) next = slice_pause;
  }
  expiry_timer_.set(core_.now.monotonic + next, [this](Now) { expire(); });
}

}  // namespace carillon::peer
