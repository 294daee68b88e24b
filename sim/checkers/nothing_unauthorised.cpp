#include <fmt/format.h>

#include "sim/checker.hpp"
#include "sim/simulation.hpp"
#include "storage/keys.hpp"

namespace carillon::sim {
namespace {

/// No honest peer's disk holds what its signer had no right to store. All that hostile peers try
/// to store bears a mark.
class NothingUnauthorised final : public Checker {
 public:
  [[nodiscard]] std::string_view name() const override { return "nothing unauthorised is stored"; }

  void look(Simulation&) override {}

  void look_at_the_end(Simulation& simulation) override {
    for (const auto& host : simulation.world().hosts()) {
      (void)host->disk.scan(storage::keys::record_start({}), [&](ByteView key, ByteView value) {
        if (!storage::keys::parse_record(key)) return storage::Scan::stop;
        if (as_text(value).find(forged_mark) == std::string_view::npos) {
          return storage::Scan::next;
        }
        simulation.violation(name(), fmt::format("peer {} has stored a forged value", host->index));
        return storage::Scan::stop;
      });
    }
  }
};

}  // namespace

std::unique_ptr<Checker> nothing_unauthorised() {
  return std::make_unique<NothingUnauthorised>();
}

}  // namespace carillon::sim
