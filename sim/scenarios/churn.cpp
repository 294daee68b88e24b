#include <memory>

#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

/// Peers stay for a session and go; for each that goes another one joins.
class Sessions : public std::enable_shared_from_this<Sessions> {
 public:
  explicit Sessions(Simulation& simulation) : simulation_(simulation) {}

  void start() {
    for (const auto& [id, host] : simulation_.world().ring())
      plan_end(*host);
  }
  void stop() { running_ = false; }

 private:
  void plan_end(Host& host) {
    World& world = simulation_.world();
    const Settings& settings = simulation_.settings();
    const double mean = settings["session_mean_s"];
    const double shape = settings["session_shape"];
    const double length =
        shape > 1 ? pareto(world.random(), mean, shape) : exponential(world.random(), mean);
    const auto in = World::Duration{static_cast<std::int64_t>(length * 1e6)};
    world.after(in, [self = shared_from_this(), &host, life = host.life] {
      if (self->running_ && host.life == life && host.is_up()) self->end(host);
    });
  }

  void end(Host& host) {
    World& world = simulation_.world();
    const Settings& settings = simulation_.settings();
    if (host.is_member && happens(world.random(), settings["leave_share"])) {
      world.leave(host);
    } else if (happens(world.random(), settings["power_off_share"])) {
      world.power_off(host);
    } else {
      world.kill(host);
    }
    Host& next = world.add_host();
    world.start(next);
    plan_end(next);
  }

  Simulation& simulation_;
  bool running_{true};
};

void play_churn(Simulation& simulation) {
  const auto sessions = std::make_shared<Sessions>(simulation);
  sessions->start();
  simulation.run_for(simulation.order().duration);
  sessions->stop();
}

}  // namespace

const Scenario churn{"churn", "peers stay for a session; for each that goes another one joins",
                     [](Settings&) {}, play_churn};

}  // namespace carillon::sim
