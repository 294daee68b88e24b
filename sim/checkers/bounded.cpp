#include <cmath>

#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {
namespace {

/// Queues, tables and timers do not grow beyond what their peer's place in the overlay asks for.
class Bounded final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "bounded"; }

  void look(Simulation& simulation) override {
    World& world = simulation.world();
    const double peers = static_cast<double>(std::max<std::size_t>(2, world.ring().size()));
    // Six neighbors, a finger for each halving and as many again that others have in us (their
    // number has a long tail), and the unneeded ones that are kept for a while.
    const auto links = static_cast<std::size_t>(100 + 30 * std::log2(peers));
    constexpr std::size_t requests = 2'000;
    for (const auto& [id, host] : world.ring()) {
      const auto status = host->peer->status();
      expect(simulation, *host, "links", status.links, links);
      expect(simulation, *host, "requests under way", status.requests_under_way, requests);
      expect(simulation, *host, "calls under way", status.calls_under_way, requests);
      expect(simulation, *host, "attaches under way", status.attaches_under_way, 256);
      expect(simulation, *host, "timers", status.timers, 4 * links + 2 * requests);
    }
  }

 private:
  void expect(Simulation& simulation, const Host& host, std::string_view what, std::size_t count,
              std::size_t most) const {
    if (count <= most) return;
    simulation.violation(name(), fmt::format("peer {} has {} {}, {} at most are expected",
                                             host.index, count, what, most));
  }
};

}  // namespace

std::unique_ptr<Checker> bounded() {
  return std::make_unique<Bounded>();
}

}  // namespace carillon::sim
