#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace carillon::sim {

class Simulation;

/// Looks at the whole overlay for what must never be. One in each file of checkers/.
class Checker {
 public:
  virtual ~Checker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Now and then, at whatever moment.
  virtual void look(Simulation& simulation) = 0;
  /// Nobody looked for a while, on purpose: what happened meanwhile is not to be held against it.
  virtual void begin_anew(Simulation&) {}
  /// When all is quiet, at the end.
  virtual void look_at_the_end(Simulation& simulation) { look(simulation); }
};

/// All of them.
[[nodiscard]] std::vector<std::unique_ptr<Checker>> all_checkers();

// checkers/
[[nodiscard]] std::unique_ptr<Checker> one_ring();
[[nodiscard]] std::unique_ptr<Checker> one_responsible();
[[nodiscard]] std::unique_ptr<Checker> no_loops();
[[nodiscard]] std::unique_ptr<Checker> replica_count();
[[nodiscard]] std::unique_ptr<Checker> nothing_unauthorised();
[[nodiscard]] std::unique_ptr<Checker> bounded();

}  // namespace carillon::sim
