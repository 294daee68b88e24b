#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {
namespace {

/// After a loss there are three copies of a value again within a bounded time, once nothing changes
/// any more next to its place.
class ReplicaCount final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "three copies"; }

  void look(Simulation& simulation) override {
    World& world = simulation.world();
    const auto bound = milliseconds{static_cast<std::int64_t>(world.settings()["repair_s"] * 1e3)};
    for (const std::size_t index : simulation.ledger().degraded()) {
      const LedgerEntry& entry = simulation.ledger().entry(index);
      if (entry.excused || entry.removed || entry.may_be_removed) continue;
      if (world.now() - *entry.degraded_since <= bound || told_.contains(index)) continue;
      if (!world.is_settled(world.membership().responsible_for(entry.resource))) continue;
      told_.insert(index);
      simulation.violation(
          name(),
          fmt::format(
              "{} has {} copies {} s after it lost one", entry.user, entry.newest_copies(),
              std::chrono::duration_cast<seconds>(world.now() - *entry.degraded_since).count()));
    }
  }

 private:
  std::set<std::size_t> told_;
};

}  // namespace

std::unique_ptr<Checker> replica_count() {
  return std::make_unique<ReplicaCount>();
}

}  // namespace carillon::sim
