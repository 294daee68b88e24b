#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checker.hpp"
#include "sim/faults.hpp"
#include "sim/ledger.hpp"
#include "sim/report.hpp"
#include "sim/settings.hpp"
#include "sim/trace.hpp"
#include "sim/violations.hpp"
#include "sim/workload.hpp"
#include "sim/world.hpp"

namespace carillon::sim {

/// One run: a world, the work that is done in it, and those that watch. What scenarios play on.
class Simulation final : public WorldObserver {
 public:
  using Duration = MonotonicClock::duration;

  struct Order {
    std::string scenario{};
    std::uint64_t seed{1};
    std::size_t peers{50};
    Duration duration{};
    std::vector<std::string> weather{};  ///< What `draw_weather` changed.
    bool tells{false};
  };

  Simulation(Order order, const Settings& settings);

  /// Builds the ring, stores the values, lets the scenario play, waits until all is quiet, and
  /// looks at what has become of everything.
  [[nodiscard]] Report run();

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] Workload& workload() { return workload_; }
  [[nodiscard]] Ledger& ledger() { return ledger_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Order& order() const { return order_; }

  void violation(std::string_view checker, const std::string& what);
  [[nodiscard]] const Violations& violations() const { return violations_; }
  /// A sentence of the story, if it is told.
  void tell(const std::string& sentence) const;

  // --- For scenarios.

  /// New peers join, `at_once` at a time, until there are so many; false if they do not within the
  /// limit.
  bool grow_to(std::size_t peers, std::size_t at_once, Duration limit);
  /// Runs on, with the checkers looking.
  void run_for(Duration how_long);
  /// Runs until every table has had the time to be right.
  void settle();
  /// Nobody looks for so long: what is wrong then is meant to be.
  void hold_checkers(Duration how_long);
  [[nodiscard]] std::size_t wanted_copies() const;
  /// For the report.
  void set_crash_toll(const CrashToll& toll) { crash_toll_ = toll; }

  // WorldObserver
  void handle_started(Host& host) override { faults_.handle_started(host); }
  void handle_joined(Host& host) override;
  void handle_gone(Host& host) override;

 private:
  void build_ring();
  void look();
  [[nodiscard]] Report report();

  Order order_;
  const Settings& settings_;
  Trace trace_;
  Violations violations_;
  Ledger ledger_;
  World world_;
  Workload workload_;
  Faults faults_;
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::vector<double> repairs_;
  MonotonicTime checkers_from_{};
  CrashToll crash_toll_{};
  bool held_{false};
  std::size_t resident_at_start_{0};
  Network::Counters network_before_{};
  double peer_seconds_{0};  ///< Of members, since measuring began.
};

}  // namespace carillon::sim
