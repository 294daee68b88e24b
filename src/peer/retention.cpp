#include "peer/retention.hpp"

#include "peer/core.hpp"

namespace carillon::peer {

Retention::Retention(PeerCore& core)
    : core_(core), expiry_timer_(core.timers), drop_timer_(core.timers) {}

void Retention::start() {
  expiry_timer_.set(core_.now.monotonic + core_.random.jittered(expiry_interval),
                    [this](Now) { expire(); });
}

void Retention::stop() {
  expiry_timer_.cancel();
  drop_timer_.cancel();
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

void Retention::handle_range_changed() {
  if (core_.state != PeerState::joined) return;
  // Not at once: a ring that has just changed may change back.
  drop_timer_.set(core_.now.monotonic + core_.random.jittered(core_.options.drop_delay),
                  [this](Now) { drop(); });
}

void Retention::drop() {
  const auto held = core_.topology.held_range();
  if (core_.state != PeerState::joined || !held || held->is_whole()) return;
  const storage::RingInterval others{held->upto.node_id(), held->after.node_id()};
  const auto dropped = core_.storage.drop(others, slice);
  if (!dropped) {
    core_.notice(Severity::error, "dropping others' data: " + dropped.error().message());
    return;
  }
  if (*dropped == 0) return;
  dropped_ += *dropped;
  core_.commit.mark();
  if (*dropped >= slice) {
    drop_timer_.set(core_.now.monotonic + slice_pause, [this](Now) { drop(); });
  }
}

}  // namespace carillon::peer
