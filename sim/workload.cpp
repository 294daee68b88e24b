#include "sim/workload.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace carillon::sim {
namespace {

using Duration = MonotonicClock::duration;

Duration seconds_of(double count) {
  return Duration{static_cast<std::int64_t>(count * 1e6)};
}

constexpr double most_lookups_per_second = 100;
/// Of the questions to all values: so many at once, and more where a peer has its share of them
/// seldom all the same.
constexpr std::size_t least_at_once = 64;
constexpr std::size_t peers_per_question = 20;

}  // namespace

Workload::Workload(World& world, Ledger& ledger, Violations& violations)
    : world_(world), ledger_(ledger), violations_(violations) {}

std::size_t Workload::most_at_once() const {
  return std::max(least_at_once, world_.ring().size() / peers_per_question);
}

void Workload::store_all() {
  auto count = static_cast<std::size_t>(world_.settings()["values"]);
  if (count == 0) count = std::max<std::size_t>(50, world_.ring().size());
  ledger_.reserve(count);
  const auto hash = [&](const std::string& user) {
    return world_.random_member().peer->resource_id(user);
  };
  for (std::size_t i = 0; i < count; ++i) {
    std::string user = fmt::format("user{}@{}", i, Population::domain);
    const ResourceId resource = hash(user);
    ledger_.add(std::move(user), resource);
  }
  for (int round = 0; round < 10; ++round) {
    bool all = true;
    for (std::size_t i = 0; i < count; ++i) {
      if (ledger_.entry(i).acked > 0) continue;
      all = false;
      (void)world_.run_until([&] { return under_way_ < most_at_once(); }, seconds{60});
      store(i, false);
    }
    (void)world_.run_until([&] { return is_idle(); }, seconds{60});
    if (all) break;
  }
}

void Workload::start() {
  running_ = true;
  schedule_update();
  schedule_lookup();
}

void Workload::start_measuring() {
  counters_ = {};
  latencies_ms_.clear();
  world_.hops().reset();
}

void Workload::schedule_update() {
  double rate = world_.settings()["updates_per_second"];
  if (rate <= 0) rate = static_cast<double>(ledger_.entries().size()) / 600;
  world_.after(seconds_of(exponential(world_.random(), 1 / rate)), [this] {
    if (!running_) return;
    const bool remove = happens(world_.random(), world_.settings()["removal_share"]);
    store(world_.random().below(ledger_.entries().size()), remove);
    schedule_update();
  });
}

void Workload::schedule_lookup() {
  double rate = world_.settings()["lookups_per_second"];
  if (rate <= 0) {
    rate = std::clamp(static_cast<double>(world_.ring().size()) / 30, 5.0, most_lookups_per_second);
  }
  world_.after(seconds_of(exponential(world_.random(), 1 / rate)), [this] {
    if (!running_) return;
    if (Host* from = world_.random_stayer()) {
      look_up(world_.random().below(ledger_.entries().size()), *from);
    }
    schedule_lookup();
  });
}

Host* Workload::writer_for(LedgerEntry& entry) {
  if (entry.writer != LedgerEntry::no_writer) {
    Host& host = world_.host(entry.writer);
    if (host.is_member && !host.is_leaving) return &host;
  }
  for (int tries = 0; tries < 1'000; ++tries) {
    Host* host = world_.random_stayer();
    if (host == nullptr) return nullptr;
    if (!host->enrolled.registrar) continue;
    entry.writer = host->index;
    return host;
  }
  return nullptr;
}

void Workload::store(std::size_t index, bool remove) {
  LedgerEntry& entry = ledger_.entry(index);
  Host* writer = entry.under_way ? nullptr : writer_for(entry);
  if (writer == nullptr) return;
  entry.under_way = true;
  ++under_way_;
  ++counters_.stores;
  const std::uint32_t version = ++entry.attempted;
  if (remove) entry.may_be_removed = true;
  StoreRequest request;
  request.resource_name = entry.user;
  request.user = entry.user;
  const auto lifetime = static_cast<std::int64_t>(world_.settings()["lifetime_s"]);
  request.values.push_back({.kind = Ledger::kind,
                            .value = to_bytes(as_bytes(entry.text(version))),
                            .exists = !remove,
                            .lifetime = seconds{lifetime}});
  const MonotonicTime sent = world_.now();
  // A peer that dies never answers; its call is over all the same.
  auto over = std::make_shared<bool>(false);
  const auto end = [this, index, over] {
    if (*over) return false;
    *over = true;
    ledger_.entry(index).under_way = false;
    --under_way_;
    return true;
  };
  world_.after(seconds{40}, end);
  world_.turn(*writer, [&](peer::Peer& peer) {
    peer.store(std::move(request), [=, this](const Result<StoreReport>& result) {
      if (!end() || !result) return;
      LedgerEntry& stored = ledger_.entry(index);
      stored.acked = version;
      stored.removed = remove;
      stored.may_be_removed = false;
      stored.excused = false;
      stored.expires = sent + seconds{lifetime};
      ++counters_.stores_acked;
    });
  });
}

void Workload::look_up(std::size_t index, Host& from) {
  ask(index, from, false);
}

void Workload::ask(std::size_t index, Host& from, bool last) {
  const LedgerEntry& entry = ledger_.entry(index);
  constexpr seconds margin{20};  // It must not expire meanwhile, by anybody's clock.
  if (entry.acked == 0 || entry.excused || entry.expires <= world_.now() + margin) return;
  ++under_way_;
  const Question question{index, entry.acked, entry.removed, world_.now(), last, distrusting_};
  if (&world_.membership().responsible_for(entry.resource) == &from) world_.hops().count_local();
  auto over = std::make_shared<bool>(false);
  const auto end = [this, over] {
    if (*over) return false;
    *over = true;
    --under_way_;
    return true;
  };
  world_.after(seconds{40}, end);
  const HostIndex asker = from.index;
  world_.turn(from, [&](peer::Peer& peer) {
    peer.lookup({entry.user, {Ledger::kind}}, [=, this](const Result<LookupReport>& result) {
      if (end()) judge(question, asker, result);
    });
  });
}

void Workload::trust() {
  distrusting_ = false;
  for (LedgerEntry& entry : ledger_.entries()) {
    if (entry.acked > 0 && entry.newest_copies() == 0) entry.excused = true;
  }
}

void Workload::complain(const Question& question, std::string what) {
  if (!question.distrusted) violations_.add(world_.now(), std::move(what));
}

bool Workload::may_complain(const LedgerEntry& entry) const {
  // On a full disk neither a newer value finds room nor a removal.
  const bool disk_may_be_full = world_.membership().responsible_for(entry.resource).has_small_disk;
  return world_.now() >= excused_until_ && !entry.excused && !disk_may_be_full;
}

void Workload::judge(const Question& question, HostIndex from, const Result<LookupReport>& result) {
  const LedgerEntry& entry = ledger_.entry(question.index);
  // "Too many calls are waiting" is what a peer with tiny queues should say.
  const bool is_busy = !result && result.error().code == ErrorCode::busy;
  // Who leaves ends its own calls.
  const bool asker_leaves = !result && world_.host(from).is_leaving;
  if (!may_complain(entry) || is_busy || asker_leaves) return;
  WorkloadCounters& counters = question.distrusted ? in_distrust_ : counters_;
  ++counters.lookups;
  if (result) return judge_value(question, from, *result, counters);
  ++counters.errors;
  if (!question.last) return;
  complain(question,
           fmt::format("lookup: {} at peer {}: {}", entry.user, from, result.error().message()));
}

void Workload::judge_value(const Question& question, HostIndex from, const LookupReport& report,
                           WorkloadCounters& counters) {
  const LedgerEntry& entry = ledger_.entry(question.index);
  if (!question.distrusted) {
    latencies_ms_.push_back(
        std::chrono::duration<float, std::milli>(world_.now() - question.asked).count());
  }
  const ByteView value = report.values.empty() ? ByteView{} : report.values.front().value;
  if (as_text(value).find(forged_mark) != std::string_view::npos) {
    violations_.add(world_.now(),
                    fmt::format("forged values are not believed: peer {} was told one of {}", from,
                                entry.user));
  }
  const std::uint32_t found = entry.version_in(value);
  const bool changed = entry.acked != question.acked;
  if (found == 0) {
    if (question.removed || entry.removed || entry.may_be_removed) {
      ++counters.lookups_right;
      return;
    }
    ++counters.not_found;
    if (question.last) lost_.insert(question.index);
    complain(question, fmt::format("acknowledged values are found: peer {} does not find {} "
                                   "version {}, which {} peers hold",
                                   from, entry.user, question.acked, entry.newest_copies()));
  } else if (question.removed && found <= question.acked && !changed) {
    ++counters.stale_reads;
    complain(question, fmt::format("removed stays removed: peer {} finds {} version {}, removed by "
                                   "{}",
                                   from, entry.user, found, question.acked));
  } else if (found < question.acked) {
    ++counters.stale_reads;
    complain(question, fmt::format("the newest acknowledged version is found: peer {} finds {} "
                                   "version {}, but {} was acknowledged",
                                   from, entry.user, found, question.acked));
  } else {
    ++counters.lookups_right;
  }
}

void Workload::look_for_all(unsigned from) {
  for (std::size_t index = 0; index < ledger_.entries().size(); ++index) {
    for (unsigned i = 0; i < from; ++i) {
      (void)world_.run_until([&] { return under_way_ < most_at_once(); }, seconds{60});
      if (Host* host = world_.random_stayer()) ask(index, *host, true);
    }
  }
  (void)world_.run_until([&] { return is_idle(); }, seconds{60});
  for (std::size_t index = 0; index < ledger_.entries().size(); ++index) {
    const LedgerEntry& entry = ledger_.entry(index);
    if (entry.excused && entry.newest_copies() == 0) lost_.insert(index);
  }
}

std::uint64_t Workload::acked_values() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(ledger_.entries(), [this](const LedgerEntry& entry) {
        return entry.acked > 0 && !entry.removed && entry.expires > world_.now();
      }));
}

}  // namespace carillon::sim
