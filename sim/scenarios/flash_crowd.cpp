#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "sim/scenario.hpp"

namespace carillon::sim {
namespace {

/// Phones that all want to register again as soon as they can, and try again as RFC 5626, 4.5 has
/// it: after 30 s, twice as long each time, half of that at random.
class Crowd : public std::enable_shared_from_this<Crowd> {
 public:
  explicit Crowd(Simulation& simulation) : simulation_(simulation) {}

  void start(std::size_t phones) {
    failures_.resize(phones);
    registered_.resize(phones);
    for (std::size_t phone = 0; phone < phones; ++phone)
      attempt(phone);
  }
  /// Phones that are not registered, but for those whose place on the ring has a full disk.
  [[nodiscard]] std::size_t missing() const {
    std::size_t count = 0;
    for (std::size_t phone = 0; phone < registered_.size(); ++phone) {
      if (registered_[phone]) continue;
      World& world = simulation_.world();
      const auto place = world.random_member().peer->resource_id(user(phone));
      if (!world.membership().responsible_for(place).has_small_disk) ++count;
    }
    return count;
  }

 private:
  static std::string user(std::size_t phone) {
    return fmt::format("phone{}@{}", phone, Population::domain);
  }
  void attempt(std::size_t phone) {
    World& world = simulation_.world();
    Host* host = world.random_stayer();
    if (host == nullptr || !host->enrolled.registrar) return again(phone);
    StoreRequest request;
    request.resource_name = user(phone);
    request.user = request.resource_name;
    request.values.push_back({.kind = Ledger::kind, .value = to_bytes(as_bytes("here"))});
    world.turn(*host, [&](peer::Peer& peer) {
      peer.store(std::move(request), [self = shared_from_this(), phone](Result<StoreReport> done) {
        if (!done) return self->again(phone);
        self->registered_[phone] = true;
      });
    });
  }

  void again(std::size_t phone) {
    constexpr double base = 30;
    constexpr double longest = 1'800;
    const double wait = std::min(longest, base * (1 << std::min(failures_[phone]++, 6U)));
    const double jittered = wait * (0.5 + 0.5 * unit(simulation_.world().random()));
    simulation_.world().after(World::Duration{static_cast<std::int64_t>(jittered * 1e6)},
                              [self = shared_from_this(), phone] { self->attempt(phone); });
  }

  Simulation& simulation_;
  std::vector<unsigned> failures_;
  std::vector<bool> registered_;
};

void play_flash_crowd(Simulation& simulation) {
  World& world = simulation.world();
  const auto phones = static_cast<std::size_t>(simulation.settings()["phones"] *
                                               static_cast<double>(world.ring().size()));
  simulation.run_for(
      World::Duration{static_cast<std::int64_t>(simulation.settings()["outage_s"] * 1e6)});
  simulation.tell(fmt::format("{} phones register at once", phones));
  const auto crowd = std::make_shared<Crowd>(simulation);
  crowd->start(phones);
  simulation.run_for(simulation.order().duration);
  if (const std::size_t missing = crowd->missing(); missing > 0) {
    simulation.violation("flash_crowd",
                         fmt::format("{} of {} phones are not registered", missing, phones));
  }
}

}  // namespace

const Scenario flash_crowd{"flash_crowd", "after an outage all phones register at once",
                           [](Settings&) {}, play_flash_crowd};

}  // namespace carillon::sim
