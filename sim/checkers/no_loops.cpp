#include <cmath>
#include <map>

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

  void begin_anew(Simulation& simulation) override {
    simulation.world().hops().forget_highest();
    before_.clear();
    for (const auto& [id, host] : simulation.world().ring())
      before_[id] = dropped_by(*host);
  }

  void look_at_the_end(Simulation& simulation) override {
    look(simulation);
    for (const auto& [id, host] : simulation.world().ring()) {
      const auto known = before_.find(id);
      const std::uint64_t all = dropped_by(*host);
      const std::uint64_t dropped =
          known == before_.end() || known->second > all ? all : all - known->second;
      if (dropped == 0) continue;
      simulation.violation(name(), fmt::format("peer {} dropped {} messages whose time-to-live was "
                                               "used up",
                                               host->index, dropped));
    }
  }

 private:
  [[nodiscard]] static std::uint64_t dropped_by(const Host& host) {
    return host.peer->status().forwarding.dropped_for(forwarding::DropReason::ttl_exceeded);
  }

  bool told_{false};
  std::map<NodeId, std::uint64_t> before_;
};

}  // namespace

std::unique_ptr<Checker> no_loops() {
  return std::make_unique<NoLoops>();
}

}  // namespace carillon::sim
