#include "sip/guard.hpp"

#include <algorithm>
#include <bit>

namespace carillon::sip {
namespace {

constexpr std::uint32_t burst_seconds = 4;
constexpr std::uint32_t malformed_costs = 10;

MonotonicClock::duration interval_of(std::uint32_t per_second) {
  return std::chrono::duration_cast<MonotonicClock::duration>(seconds{1}) / per_second;
}

}  // namespace

MonotonicTime BucketTable::Entry::idle_at() const {
  return std::max({requests, failures, banned});
}

BucketTable::Entry& BucketTable::at(std::uint64_t key) {
  if (entries_.empty()) entries_.resize(std::bit_ceil(std::max(capacity_, ways)));
  key = std::max<std::uint64_t>(key, 1);
  auto* const set = &entries_[key % (entries_.size() / ways) * ways];
  Entry* victim = set;
  for (std::size_t i = 0; i < ways; ++i) {
    if (set[i].key == key) return set[i];
    if (set[i].idle_at() < victim->idle_at()) victim = &set[i];
  }
  *victim = Entry{.key = key};
  return *victim;
}

bool take(MonotonicTime& bucket, MonotonicTime now, MonotonicClock::duration interval,
          std::uint32_t burst) {
  const auto next = std::max(bucket, now) + interval;
  if (next - now > interval * burst) return false;
  bucket = next;
  return true;
}

Guard::Guard(const SipOptions& options, const KeyedHash& hash, SipCounters& counters)
    : options_(options),
      hash_(hash),
      counters_(counters),
      sources_(options.limits.tracked_sources),
      users_(options.limits.tracked_users) {}

std::uint64_t Guard::key_of(std::string_view host) const {
  if (!is_ipv6(host)) return hash_(host);
  const auto address = ip_address(host);
  const auto network = address ? address->high : 0;
  return hash_(std::string_view{reinterpret_cast<const char*>(&network), sizeof network});
}

bool Guard::is_exempt(const Source& source) const {
  return source.is_peer() || options_.trusted.contains(source.hop.remote.host);
}

bool Guard::admit(const Source& source, MonotonicTime now) {
  if (is_exempt(source)) return true;
  auto& entry = sources_.at(key_of(source.hop.remote.host));
  if (entry.banned > now) {
    ++counters_.dropped_banned;
    return false;
  }
  const auto rate = options_.limits.source_rate;
  if (rate == 0 || take(entry.requests, now, interval_of(rate), rate * burst_seconds)) return true;
  ++counters_.dropped_flood;
  return false;
}

void Guard::note_malformed(const Source& source, MonotonicTime now) {
  const auto rate = options_.limits.source_rate;
  if (rate == 0 || is_exempt(source)) return;
  auto& entry = sources_.at(key_of(source.hop.remote.host));
  const auto most = now + interval_of(rate) * rate * burst_seconds;
  entry.requests =
      std::min(std::max(entry.requests, now) + interval_of(rate) * malformed_costs, most);
}

void Guard::note_failure(const Source& source, std::string_view aor, MonotonicTime now) {
  ++counters_.wrong_passwords;
  const auto& limits = options_.limits;
  if (limits.user_failures != 0) {
    auto& user = users_.at(hash_(aor));
    (void)take(user.failures, now, limits.failure_interval, limits.user_failures);
    guessed_until_ = std::max(guessed_until_, user.failures);
  }
  if (limits.source_failures == 0 || is_exempt(source)) return;
  auto& entry = sources_.at(key_of(source.hop.remote.host));
  if (take(entry.failures, now, limits.failure_interval, limits.source_failures)) return;
  entry.banned = now + limits.ban;
  entry.failures = {};
  ++counters_.bans;
}

bool Guard::admit_user(std::string_view aor, MonotonicTime now) {
  const auto rate = options_.limits.user_rate;
  if (rate == 0) return true;
  if (take(users_.at(hash_(aor)).requests, now, interval_of(rate), rate * burst_seconds)) {
    return true;
  }
  ++counters_.refused_users;
  return false;
}

bool Guard::is_being_guessed(std::string_view aor, MonotonicTime now) {
  // Mostly nobody's is, and then it costs nothing to know.
  const auto& limits = options_.limits;
  if (guessed_until_ <= now) return false;
  auto bucket = users_.at(hash_(aor)).failures;
  if (take(bucket, now, limits.failure_interval, limits.user_failures)) return false;
  ++counters_.refused_users;
  return true;
}

bool Guard::may_connect(const HostPort& remote, MonotonicTime now) {
  if (options_.trusted.contains(remote.host)) return true;
  const auto key = key_of(remote.host);
  const auto found = connections_.find(key);
  const bool too_many = options_.limits.connections_per_source != 0 &&
                        found != connections_.end() &&
                        found->second.count >= options_.limits.connections_per_source;
  if (!too_many && sources_.at(key).banned <= now) return true;
  ++counters_.refused_connections;
  return false;
}

void Guard::connected(FlowId flow, const HostPort& remote) {
  if (options_.trusted.contains(remote.host)) return;
  const auto key = key_of(remote.host);
  ++connections_[key].count;
  held_.emplace(flow, Held{key, 0});
}

void Guard::disconnected(FlowId flow) {
  const auto held = held_.extract(flow);
  if (held.empty()) return;
  const auto found = connections_.find(held.mapped().source);
  if (found == connections_.end()) return;
  found->second.octets -= held.mapped().octets;
  if (--found->second.count == 0) connections_.erase(found);
}

bool Guard::holds(FlowId flow, std::size_t octets) {
  const auto held = held_.find(flow);
  if (held == held_.end() || held->second.octets == octets) return true;
  auto& source = connections_.at(held->second.source);
  source.octets = source.octets - held->second.octets + octets;
  const bool more = octets > held->second.octets;
  held->second.octets = octets;
  if (!more || source.octets <= options_.limits.unfinished_bytes_per_source) return true;
  ++counters_.refused_connections;
  return false;
}

}  // namespace carillon::sip
