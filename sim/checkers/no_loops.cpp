#include <cmath>

#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {
namespace {

/// No request runs in circles: none dies of its time-to-live, and none takes many more hops than
/// the worst way through the Finger Tables.
class NoLoops final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "no message loops"; }

  void look(Simulation& simulation) override {
    World& world = simulation.world();
    const double peers = static_cast<double>(std::max<std::size_t>(2, world.ring().size()));
    const auto most = static_cast<unsigned>(3 * std::log2(peers) + 12);
    if (!told_ && world.hops().highest() > most) {
      told_ = true;
      simulation.violation(
          name(), fmt::format("a request crossed {} links, {} at most are expected of {} peers",
                              world.hops().highest(), most, peers));
    }
  }

  void look_at_the_end(Simulation& simulation) override {
    look(simulation);
    for (const auto& [id, host] : simulation.world().ring()) {
      const auto dropped =
          host->peer->status().forwarding.dropped_for(forwarding::DropReason::ttl_exceeded);
      if (dropped == 0) continue;
      simulation.violation(name(), fmt::format("peer {} dropped {} messages whose time-to-live was "
                                               "used up",
                                               host->index, dropped));
    }
  }

 private:
  bool told_{false};
};

}  // namespace

std::unique_ptr<Checker> no_loops() {
  return std::make_unique<NoLoops>();
}

}  // namespace carillon::sim
