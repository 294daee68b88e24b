#include "sim/faults.hpp"

namespace carillon::sim {
namespace {

constexpr double longest_start_s = 1.5;  ///< In which a join is cut off.
constexpr seconds down_time{3};

World::Duration delay_of(double count) {
  return World::Duration{static_cast<std::int64_t>(count * 1e6)};
}

}  // namespace

void Faults::start() {
  running_ = true;
  if (world_.settings()["clock_jump_every"] > 0) schedule_jump();
}

void Faults::schedule_jump() {
  const double mean = world_.settings()["clock_jump_every"];
  world_.after(delay_of(exponential(world_.random(), mean)), [this] {
    if (!running_) return;
    if (!world_.ring().empty()) jump(world_.random_member());
    schedule_jump();
  });
}

/// As an operator or NTP sets a clock: to a time that is wrong by so much, not ever further away.
void Faults::jump(Host& host) {
  const double most = world_.settings()["clock_jump_ms"];
  const milliseconds wrong_by{static_cast<std::int64_t>((unit(world_.random()) * 2 - 1) * most)};
  host.clock.jump(wrong_by - host.clock_is_wrong_by);
  host.clock_is_wrong_by = wrong_by;
  if (!world_.trace().tells()) return;
  world_.trace().tell(world_.now(), "the clock of peer " + std::to_string(host.index) + " jumps");
}

void Faults::handle_started(Host& host) {
  if (!running_ || !happens(world_.random(), world_.settings()["rare"])) return;
  const bool silently = happens(world_.random(), world_.settings()["power_off_share"]);
  world_.after(delay_of(longest_start_s * unit(world_.random())),
               [this, &host, silently, life = host.life] {
                 if (host.life != life || !host.is_up() || host.is_member) return;
                 silently ? world_.power_off(host) : world_.kill(host);
                 world_.after(down_time, [this, &host, life] {
                   if (host.life == life && !host.is_up()) world_.start(host);
                 });
               });
}

}  // namespace carillon::sim
