#include <cmath>

#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {
namespace {

/// The settled members' ranges cover their parts of the ring without gap and overlap: every
/// Resource-ID there has exactly one responsible peer.
class OneResponsible final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "one responsible peer"; }

  void look(Simulation& simulation) override {
    World& world = simulation.world();
    const auto& ring = world.ring();
    for (auto at = ring.begin(); at != ring.end(); ++at) {
      const Host& host = *at->second;
      if (!world.is_settled(host) || host.is_leaving) continue;
      const auto& before = at == ring.begin() ? *ring.rbegin() : *std::prev(at);
      const topology::RingPosition start{before.first};
      const double right =
          ring.size() == 1 ? 1.0 : start.distance_to(topology::RingPosition{at->first}).fraction();
      const auto status = host.peer->status();
      const auto& known_before = status.predecessors;
      // It has just admitted somebody who does not know it yet.
      if (!known_before.empty() && world.is_joining(known_before.front())) continue;
      const double claimed = status.range_fraction;
      if (std::abs(claimed - right) <= 1e-9 * right) continue;
      simulation.violation(name(), fmt::format("peer {} answers for {:.6f} of the ring, its part "
                                               "is {:.6f}",
                                               host.index, claimed, right));
    }
  }
};

}  // namespace

std::unique_ptr<Checker> one_responsible() {
  return std::make_unique<OneResponsible>();
}

}  // namespace carillon::sim
