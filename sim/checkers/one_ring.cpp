#include <algorithm>

#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"

namespace carillon::sim {
namespace {

/// Each settled member's three successors and predecessors are those that follow and precede it.
class OneRing final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "one ring"; }

  void look(Simulation& simulation) override {
    World& world = simulation.world();
    const auto& ring = world.ring();
    const std::size_t expected =
        std::min<std::size_t>(3, ring.size() - std::min<std::size_t>(1, ring.size()));
    for (auto at = ring.begin(); at != ring.end(); ++at) {
      const Host& host = *at->second;
      if (!world.is_settled(host) || host.is_leaving) continue;
      auto status = host.peer->status();
      // A newcomer stands in the tables of those who admit it before it knows that it is a member.
      const auto without_newcomers = [&](std::vector<NodeId>& list) {
        const std::size_t gone =
            std::erase_if(list, [&](const NodeId& id) { return world.is_joining(id); });
        return expected - std::min(expected, gone);
      };
      const std::size_t after = without_newcomers(status.successors);
      const std::size_t before = without_newcomers(status.predecessors);
      auto next = at;
      auto previous = at;
      for (std::size_t i = 0; i < expected; ++i) {
        if (++next == ring.end()) next = ring.begin();
        previous = previous == ring.begin() ? std::prev(ring.end()) : std::prev(previous);
        if (i < after) expect(simulation, host, status.successors, i, "successor", *next);
        if (i < before) {
          expect(simulation, host, status.predecessors, i, "predecessor", *previous);
        }
      }
    }
  }

 private:
  void expect(Simulation& simulation, const Host& host, const std::vector<NodeId>& list,
              std::size_t i, std::string_view what, const World::Ring::value_type& right) const {
    if (i < list.size() && list[i] == right.first) return;
    simulation.violation(name(),
                         fmt::format("peer {} has {} as {} {}, peer {} stands there", host.index,
                                     i < list.size() ? list[i].to_hex() : "nobody", what, i + 1,
                                     right.second->index));
  }
};

}  // namespace

std::unique_ptr<Checker> one_ring() {
  return std::make_unique<OneRing>();
}

}  // namespace carillon::sim
