#include "sim/network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "link/link_options.hpp"
#include "wire/framed_message.hpp"

namespace carillon::sim {
namespace {

using Duration = MonotonicClock::duration;

/// TCP's first retransmission timeout on such paths, doubled for each further loss (RFC 6298).
constexpr double retransmission_us = 200'000;
constexpr int max_retransmissions = 8;
/// TCP and TLS 1.3 take one and a half round trips until both sides may send.
constexpr int handshake_ways = 3;
/// No way is longer than two over geostationary satellites. Where one took two seconds, two
/// neighbors could never connect.
constexpr double longest_way_us = 600'000;
/// So long the tables of both sides may be wrong: a link counts as failed when something has not
/// been acknowledged for 30 s (LinkOptions::failed_after); then they look for each other again.
constexpr milliseconds after_frame_fault = link::LinkOptions{}.failed_after + seconds{15};

Duration microseconds_of(double count) {
  return Duration{static_cast<std::int64_t>(count)};
}

bool is_data(ByteView frame) {
  return !frame.empty() && frame[0] == static_cast<std::uint8_t>(wire::FramedMessageType::data);
}

}  // namespace

Network::Network(const Settings& settings, std::uint64_t seed, EventQueue& events,
                 std::vector<std::unique_ptr<Host>>& hosts)
    : random_(seed),
      pair_seed_(random_.u64()),
      events_(events),
      hosts_(hosts),
      median_us_(settings["latency_ms"] * 1e3),
      sigma_(settings["latency_sigma"]),
      jitter_us_(settings["jitter_ms"] * 1e3),
      loss_(settings["loss"]),
      reordering_(settings["reordering"]),
      duplication_(settings["duplication"]),
      frame_faults_(settings["frame_faults"]),
      us_per_octet_(settings["bandwidth_mbit"] > 0 ? 8 / settings["bandwidth_mbit"] : 0),
      any_slow_(settings["slow_share"] > 0) {}

Duration Network::latency(HostIndex a, HostIndex b) const {
  // Of the pair, the same both ways and at any time.
  const auto [low, high] = std::minmax(a, b);
  SmallRandom pair{pair_seed_ ^ SmallRandom::mix((std::uint64_t{low} << 32U) | high)};
  return microseconds_of(std::min(median_us_ * std::exp(sigma_ * normal(pair)), longest_way_us));
}

// --- What hosts do.

void Network::open(MonotonicTime now, Host& from, const peer::OpenLink& action) {
  const auto to = host_at(action.address);
  const auto way = to ? latency(from.index, *to) : microseconds_of(median_us_);
  events_.push(
      now + way * handshake_ways,
      {EventKind::connect, 0, from.index, pack(from.life, action.link), to.value_or(no_host), {}});
}

void Network::connected(Host& near, link::LinkId near_link, Host& far, link::LinkId far_link) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Connection& connection = connections_[index];
  connection.latency = latency(near.index, far.index);
  connection.ends[0] = {near.index, near.life, near_link, true, {}, {}};
  connection.ends[1] = {far.index, far.life, far_link, true, {}, {}};
  near.links.emplace_back(near_link, index * 2);
  far.links.emplace_back(far_link, index * 2 + 1);
  // Links are numbered as they are asked for, but those we open come up later.
  std::ranges::sort(near.links);
  ++counters_.connections;
}

std::optional<EndIndex> Network::find(const Host& host, link::LinkId link) const {
  const auto found =
      std::ranges::lower_bound(host.links, link, {}, [](const auto& item) { return item.first; });
  if (found == host.links.end() || found->first != link) return std::nullopt;
  return found->second;
}

void Network::forget(Host& host, link::LinkId link) {
  std::erase_if(host.links, [link](const auto& item) { return item.first == link; });
}

void Network::send(MonotonicTime now, Host& from, link::LinkId link, Bytes octets) {
  const auto index = find(from, link);
  if (!index) return;
  ++counters_.frames;
  counters_.octets += octets.size();
  if (is_data(octets)) ++counters_.messages;
  if (happens(random_, frame_faults_)) {
    // The link may be closed for it, and both sides look for each other again.
    for (const HostIndex host : {from.index, end_of(*index ^ 1U).host}) {
      hosts_[host]->unsettled_until =
          std::max(hosts_[host]->unsettled_until, now + after_frame_fault);
    }
    const auto fault = random_.below(3);
    if (fault == 0) return;                            // Lost without a trace.
    if (fault == 1) put_on_wire(now, *index, octets);  // Twice.
    if (fault == 2) {                                  // Overtaken by the next one.
      put_on_wire(now + seconds{1}, *index, std::move(octets));
      end_of(*index).last_arrival = {};
      return;
    }
  }
  put_on_wire(now, *index, std::move(octets));
}

void Network::put_on_wire(MonotonicTime now, EndIndex from, Bytes octets) {
  End& near = end_of(from);
  const End& far = end_of(from ^ 1U);
  // Where nothing is cut, the far host's memory need not be touched: it is waited for.
  const bool held_up = any_cut_ && !can_reach(*hosts_[near.host], *hosts_[far.host]);
  if (held_up || near.held) {
    if (!near.held) near.held = std::make_unique<std::deque<Bytes>>();
    near.held->push_back(std::move(octets));
    return;
  }
  const MonotonicTime at = arrival_time(now, from, octets.size());
  Event event{EventKind::deliver,
              static_cast<std::uint8_t>((from ^ 1U) % 2),
              from / 2,
              connections_[from / 2].generation,
              0,
              std::move(octets)};
  events_.push(at, std::move(event));
}

MonotonicTime Network::arrival_time(MonotonicTime now, EndIndex from, std::size_t octets) {
  End& near = end_of(from);
  double way = static_cast<double>(connections_[from / 2].latency.count());
  way += jitter_us_ * unit(random_) + us_per_octet_ * static_cast<double>(octets);
  for (int again = 0; again < max_retransmissions && happens(random_, loss_); ++again) {
    ++counters_.lost;
    way += retransmission_us * (1 << again);
  }
  if (happens(random_, reordering_)) way += way * unit(random_);
  if (happens(random_, duplication_)) ++counters_.duplicated;
  MonotonicTime at = std::max(now + microseconds_of(way), near.last_arrival);
  if (any_slow_) {
    Host& far = *hosts_[end_of(from ^ 1U).host];
    if (far.service_us > 0) {
      at = std::max(at, far.busy_until) + Duration{far.service_us};
      far.busy_until = at;
    }
  }
  near.last_arrival = at;
  return at;
}

void Network::close(MonotonicTime now, Host& from, link::LinkId link) {
  const auto index = find(from, link);
  if (!index) return;
  forget(from, link);
  const bool reaches = can_reach(*hosts_[end_of(*index).host], *hosts_[end_of(*index ^ 1U).host]);
  if (end_of(*index ^ 1U).attached && reaches && !end_of(*index).held) {
    const MonotonicTime at = arrival_time(now, *index, 0);
    events_.push(at, {EventKind::closed,
                      static_cast<std::uint8_t>((*index ^ 1U) % 2),
                      *index / 2,
                      connections_[*index / 2].generation,
                      0,
                      {}});
  }
  detach(*index);
}

void Network::drop_all(MonotonicTime now, Host& host, bool tell) {
  const auto links = std::exchange(host.links, {});
  if (!tell) {
    for (const auto& [link, end] : links)
      detach(end);
    return;
  }
  for (const auto& [link, end] : links) {
    host.links = {{link, end}};
    close(now, host, link);
  }
  host.links.clear();
}

void Network::detach(EndIndex index) {
  end_of(index).attached = false;
  end_of(index).held.reset();
  if (end_of(index ^ 1U).attached) return;
  ++connections_[index / 2].generation;
  free_.push_back(index / 2);
}

// --- What arrives.

std::optional<Network::Arrival> Network::arrival(const Event& event) {
  const Connection& connection = connections_[event.subject];
  if (connection.generation != event.number) return std::nullopt;
  const End& end = connection.ends[event.side];
  Host& host = *hosts_[end.host];
  if (!end.attached || !host.is_up() || host.life != end.life) return std::nullopt;
  return Arrival{&host, end.link};
}

std::optional<Network::Arrival> Network::arrival_of_close(const Event& event) {
  auto at = arrival(event);
  if (!at) return at;
  forget(*at->host, at->link);
  detach(event.subject * 2 + event.side);
  return at;
}

void Network::mend(MonotonicTime now) {
  cut_ = {};
  any_cut_ = false;
  for (std::uint32_t index = 0; index < connections_.size() * 2; ++index) {
    auto held = std::move(end_of(index).held);
    if (!held) continue;
    // TCP tries again when its backed-off timer fires.
    const auto pause = microseconds_of(retransmission_us * unit(random_) * 4);
    for (Bytes& octets : *held)
      put_on_wire(now + pause, index, std::move(octets));
  }
}

}  // namespace carillon::sim
