#pragma once

#include "sim/world.hpp"

namespace carillon::sim {

/// What befalls hosts without the scenario's doing, as the settings have it: wall clocks jump, and
/// peers die while they join.
class Faults {
 public:
  explicit Faults(World& world) : world_(world) {}

  /// From now on.
  void start();
  void stop() { running_ = false; }
  void handle_started(Host& host);

 private:
  void schedule_jump();
  void jump(Host& host);

  World& world_;
  bool running_{false};
};

}  // namespace carillon::sim
