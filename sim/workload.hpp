#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "sim/ledger.hpp"
#include "sim/violations.hpp"
#include "sim/world.hpp"

namespace carillon::sim {

struct WorkloadCounters {
  std::uint64_t stores{};
  std::uint64_t stores_acked{};
  std::uint64_t lookups{};
  std::uint64_t lookups_right{};
  std::uint64_t stale_reads{};
  std::uint64_t not_found{};
  std::uint64_t errors{};
};

/// Users whose values are stored, changed, removed and looked up, at random times and places, and
/// what came of it.
class Workload {
 public:
  Workload(World& world, Ledger& ledger, Violations& violations);

  /// Stores the first version of each user's value; returns when all are acknowledged.
  void store_all();
  /// From now on: updates and lookups, until `stop`.
  void start();
  void stop() { running_ = false; }
  /// Until then, what is not found is nobody's fault: the network is cut, or so.
  void excuse_until(MonotonicTime until) { excused_until_ = until; }
  /// From now on whoever is responsible may lie: what is asked is counted by itself, and only what
  /// proves that a lie is believed is a violation.
  void distrust() { distrusting_ = true; }
  /// The liars have gone. What they took, and nobody else holds, is not asked for any more.
  void trust();
  /// Looks every value up, from `from` peers each; counts those that are lost.
  void look_for_all(unsigned from);

  void store(std::size_t index, bool remove);
  void look_up(std::size_t index, Host& from);

  [[nodiscard]] const WorkloadCounters& counters() const { return counters_; }
  /// Of what was asked while nobody could be trusted.
  [[nodiscard]] const WorkloadCounters& counters_in_distrust() const { return in_distrust_; }
  [[nodiscard]] const std::vector<float>& latencies_ms() const { return latencies_ms_; }
  [[nodiscard]] std::uint64_t acked_values() const;
  [[nodiscard]] std::uint64_t lost_values() const { return lost_.size(); }
  [[nodiscard]] bool is_idle() const { return under_way_ == 0; }
  /// Counts from now on.
  void start_measuring();

 private:
  /// What a reader may find, as known when it asked.
  struct Question {
    std::size_t index{};
    std::uint32_t acked{};
    bool removed{};
    MonotonicTime asked{};
    bool last{false};  ///< Of `look_for_all`.
    bool distrusted{false};
  };

  [[nodiscard]] std::size_t most_at_once() const;
  void schedule_update();
  void schedule_lookup();
  [[nodiscard]] Host* writer_for(LedgerEntry& entry);
  void ask(std::size_t index, Host& from, bool last);
  void judge(const Question& question, const HostIndex from, const Result<LookupReport>& result);
  void judge_value(const Question& question, HostIndex from, const LookupReport& report,
                   WorkloadCounters& counters);
  void complain(const Question& question, std::string what);
  [[nodiscard]] bool may_complain(const LedgerEntry& entry) const;

  World& world_;
  Ledger& ledger_;
  Violations& violations_;
  WorkloadCounters counters_;
  WorkloadCounters in_distrust_;
  std::vector<float> latencies_ms_;
  bool running_{false};
  bool distrusting_{false};
  MonotonicTime excused_until_{};
  std::size_t under_way_{0};
  std::set<std::size_t> lost_;
};

}  // namespace carillon::sim
