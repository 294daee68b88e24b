#include "sim/world.hpp"

#include <algorithm>
#include <utility>

#include "sim/rare_options.hpp"
#include "topology/node_id_choice.hpp"

namespace carillon::sim {
namespace {

/// Members on either side of a change whose tables it touches: three neighbors each way (10.7).
constexpr std::size_t neighborhood = 4;
/// How many bootstrap nodes a peer is told of.
constexpr std::size_t bootstrap_nodes = 4;
/// At most about so many peers act for users in a large overlay; a CA each is expensive.
constexpr std::size_t max_registrars = 256;
/// Before an operator's supervisor starts again what has given up.
constexpr seconds restart_pause{5};
/// Octets on a disk that may be full.
constexpr std::size_t small_disk = 20'000;
/// Of all times that a peer is to be woken up, where `rare` is 1.
constexpr double early_wakes = 0.2;

}  // namespace

World::World(const Settings& settings, std::uint64_t seed, std::size_t expected_peers, Trace& trace,
             DiskObserver& disks)
    : settings_(settings),
      random_(seed),
      trace_(trace),
      disks_(disks),
      expected_peers_(expected_peers),
      population_(static_cast<double>(expected_peers) <= settings["real_signatures_up_to"],
                  random_.u64()),
      network_(settings, random_.u64(), events_, hosts_),
      rare_(settings["rare"]) {}

World::~World() = default;

// --- Time.

void World::after(Duration delay, Action action) {
  std::uint32_t index = 0;
  if (free_calls_.empty()) {
    index = static_cast<std::uint32_t>(calls_.size());
    calls_.push_back(std::move(action));
  } else {
    index = free_calls_.back();
    free_calls_.pop_back();
    calls_[index] = std::move(action);
  }
  events_.push(now_ + delay, {EventKind::call, 0, index, 0, 0, {}});
}

bool World::step(MonotonicTime limit) {
  if (events_.empty() || events_.next_time() > limit) return false;
  now_ = events_.next_time();
  ++events_run_;
  run(events_.pop());
  return true;
}

void World::run_for(Duration how_long) {
  const MonotonicTime limit = now_ + how_long;
  do {
    look_ahead();
  } while (step(limit));
  now_ = limit;
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
  const MonotonicTime end = now_ + limit;
  constexpr milliseconds look_every{100};
  while (!condition()) {
    if (now_ >= end) return false;
    run_for(std::min<Duration>(look_every, end - now_));
  }
  return true;
}

void World::run(Event event) {
  switch (event.kind) {
    case EventKind::wake:
      return wake(event);
    case EventKind::deliver:
      return deliver(std::move(event));
    case EventKind::closed:
      return handle_close(event);
    case EventKind::connect:
      return connect(event);
    case EventKind::call: {
      Action action = std::move(calls_[event.subject]);
      free_calls_.push_back(event.subject);
      return action();
    }
  }
}

void World::wake(const Event& event) {
  Host& host = *hosts_[event.subject];
  if (!host.is_up() || host.life != event.number || host.wake_at != now_) return;
  host.wake_at.reset();
  const auto deadline = host.peer->next_deadline();
  const bool is_early = deadline && *deadline > host.clock.read(now_).monotonic;
  // Where rare things are wanted a peer is woken up for nothing, too.
  if (is_early && rare_ == 0) return schedule_wake(host);
  turn(host, [](peer::Peer&) {});
}

void World::deliver(Event event) {
  const auto arrival = network_.arrival(event);
  if (!arrival) return;
  trace_.record(now_, 1, arrival->host->index, event.octets);
  Host& host = *arrival->host;
  if (host.hostility) event.octets = host.hostility->receive(std::move(event.octets), host.id());
  hops_.handle_arrival(event.octets);
  turn(host, [&](peer::Peer& peer) { peer.handle_link_bytes(arrival->link, event.octets); });
}

void World::handle_close(const Event& event) {
  const auto arrival = network_.arrival_of_close(event);
  if (!arrival) return;
  trace_.record(now_, 2, arrival->host->index);
  turn(*arrival->host, [&](peer::Peer& peer) {
    peer.handle_link_closed(arrival->link, "closed by the other side");
  });
}

void World::connect(const Event& event) {
  Host& near = *hosts_[event.subject];
  if (!near.is_up() || near.life != life_of(event.number)) return;
  const link::LinkId near_link = link_of(event.number);
  const auto refuse = [&](const char* why) {
    turn(near, [&](peer::Peer& peer) { peer.handle_link_closed(near_link, why); });
  };
  if (event.other >= hosts_.size()) return refuse("no such host");
  Host& far = *hosts_[event.other];
  const bool silent = far.state == HostState::power_off;
  if (silent || !network_.can_reach(near, far) || !network_.can_reach(far, near)) return;
  if (!far.is_up()) return refuse("connection refused");
  trace_.record(now_, 3, near.index);
  trace_.record(now_, 4, far.index);
  link::LinkId far_link{};
  turn(far, [&](peer::Peer& peer) {
    far_link = peer.handle_link_accepted(address_of(near.index), {near.enrolled.certificate()});
    if (far_link != link::LinkId::none) network_.connected(near, near_link, far, far_link);
  });
  if (far_link == link::LinkId::none) return refuse("closed by the other side");
  turn(near,
       [&](peer::Peer& peer) { peer.handle_link_opened(near_link, {far.enrolled.certificate()}); });
}

// --- Turns.

void World::begin_turn(Host& host) {
  host.peer->handle_time(host.clock.read(now_));
}

void World::end_turn(Host& host) {
  peer::Peer& peer = *host.peer;
  for (auto action = std::optional<peer::LinkAction>{};;) {
    (void)peer.flush();
    while ((action = peer.poll_action()))
      carry_out(host, std::move(*action));
    peer.run_completions();
    // No handler here calls the overlay again but from a turn of its own.
    action = peer.poll_action();
    if (!action) break;
    carry_out(host, std::move(*action));
  }
  schedule_wake(host);
}

void World::carry_out(Host& host, peer::LinkAction action) {
  if (auto* send = std::get_if<peer::SendBytes>(&action)) {
    if (host.hostility) return send_hostile(host, std::move(*send));
    return network_.send(now_, host, send->link, std::move(send->octets));
  }
  if (const auto* open = std::get_if<peer::OpenLink>(&action)) {
    return network_.open(now_, host, *open);
  }
  network_.close(now_, host, std::get<peer::CloseLink>(action).link);
}

void World::send_hostile(Host& host, peer::SendBytes send) {
  std::vector<link::LinkId> links;
  for (const auto& [link, end] : host.links)
    links.push_back(link);
  if (links.empty()) return;
  for (auto& frame : host.hostility->send({send.link, std::move(send.octets)}, links))
    network_.send(now_, host, frame.link, std::move(frame.octets));
}

void World::schedule_wake(Host& host) {
  const auto deadline = host.peer->next_deadline();
  if (!deadline) return;
  MonotonicTime at = std::max(host.clock.truth_of(*deadline), now_);
  if (rare_ > 0 && happens(random_, rare_ * early_wakes)) {
    const auto wait = static_cast<double>((at - now_).count());
    at = now_ + Duration{static_cast<std::int64_t>(wait * unit(random_))};
  }
  // One that comes too early does no harm: `wake` looks again.
  if (host.wake_at && *host.wake_at <= at) return;
  host.wake_at = at;
  events_.push(at, {EventKind::wake, 0, host.index, host.life, 0, {}});
}

// --- Hosts.

Host& World::add_host() {
  const auto index = static_cast<HostIndex>(hosts_.size());
  const NodeId id = topology::choose_node_id(enrolled_, random_);
  enrolled_.insert(std::ranges::lower_bound(enrolled_, id), id);
  const std::size_t one_in = std::max<std::size_t>(1, expected_peers_ / max_registrars);
  const double drift = (unit(random_) * 2 - 1) * settings_["clock_drift_ppm"];
  const double skew = normal(random_) * settings_["clock_skew_ms"];
  hosts_.push_back(std::make_unique<Host>(
      index, population_.enroll(id, index % one_in == 0),
      HostClock{static_cast<std::int64_t>(drift), milliseconds{static_cast<std::int64_t>(skew)}},
      random_.u64(), disks_));
  Host& host = *hosts_.back();
  if (happens(random_, settings_["slow_share"])) {
    host.service_us = static_cast<std::uint32_t>(settings_["slow_ms"] * 1e3);
  }
  host.has_small_disk = happens(random_, settings_["disk_full_share"]);
  if (host.has_small_disk) host.disk.set_capacity(small_disk);
  host.disk.fail_syncs(settings_["disk_failures"], host.random);
  return host;
}

peer::PeerOptions World::options_for(Host& host) {
  peer::PeerOptions options;
  options.listen = address_of(host.index);
  options.confirmations = static_cast<unsigned>(settings_["confirmations"]);
  options.first = ring_.empty() && joining_ == 0;
  for (std::size_t i = 0; i < bootstrap_nodes && !members_.empty(); ++i) {
    const auto address = address_of(random_member().index);
    if (std::ranges::find(options.bootstrap, address) == options.bootstrap.end()) {
      options.bootstrap.push_back(address);
    }
  }
  if (happens(random_, rare_)) make_rare(options, random_);
  return options;
}

void World::start(Host& host) {
  ++host.life;
  host.state = HostState::on;
  host.is_leaving = false;
  host.busy_until = {};
  const bool tells = trace_.tells();
  NoticeSink notices;
  if (tells) {
    notices = [this, &host](const Notice& notice) {
      trace_.tell(now_, "peer " + std::to_string(host.index) + ": " + notice.text);
    };
  }
  host.peer.emplace(
      options_for(host),
      peer::Peer::Parts{population_.document(), population_.identity(host.enrolled, host.random),
                        population_.verifier(), host.disk, host.random, std::move(notices),
                        population_.trust()});
  if (auto opened = host.peer->open(host.clock.read(now_)); !opened) {
    if (tells) {
      trace_.tell(now_, "peer " + std::to_string(host.index) +
                            " cannot start: " + opened.error().message());
    }
    host.peer.reset();
    host.state = HostState::off;
    after(restart_pause, [this, &host, life = host.life] {
      if (host.life == life && !host.is_up()) start(host);
    });
    return;
  }
  ++joining_;
  trace_.record(now_, 5, host.index);
  if (observer_ != nullptr) observer_->handle_started(host);
  const std::uint32_t life = host.life;
  turn(host, [&](peer::Peer& peer) {
    peer.join([this, &host, life](const Result<void>& result) {
      if (host.life != life) return;
      --joining_;
      if (result) return become_member(host);
      ++failed_joins_;
      if (trace_.tells()) {
        trace_.tell(now_, "peer " + std::to_string(host.index) +
                              " gives up joining: " + result.error().message());
      }
      after(restart_pause, [this, &host, life] {
        if (host.life != life || !host.is_up()) return;
        kill(host);
        start(host);
      });
    });
  });
}

void World::become_member(Host& host) {
  host.is_member = true;
  ring_.emplace(host.id(), &host);
  const auto at = std::ranges::lower_bound(enrolled_, host.id());
  if (at == enrolled_.end() || *at != host.id()) enrolled_.insert(at, host.id());
  members_.push_back(&host);
  unsettle_around(host.id());
  if (observer_ != nullptr) observer_->handle_joined(host);
}

void World::take_out(Host& host) {
  const bool was_joining = host.is_up() && host.peer->state() == peer::PeerState::joining;
  if (was_joining) --joining_;
  if (!host.is_member) return;
  host.is_member = false;
  ring_.erase(host.id());
  std::erase(members_, &host);
  forget_enrolled(host.id());
  unsettle_around(host.id());
}

/// Enrollment hears of those that are gone, at the latest when somebody takes their place.
void World::forget_enrolled(const NodeId& id) {
  const auto at = std::ranges::lower_bound(enrolled_, id);
  if (at != enrolled_.end() && *at == id) enrolled_.erase(at);
}

void World::unsettle_around(const NodeId& place) {
  const auto until = now_ + milliseconds{static_cast<std::int64_t>(settings_["settle_s"] * 1e3)};
  for (Host* host : around(place, neighborhood))
    host->unsettled_until = until;
}

void World::unsettle_all() {
  const auto until = now_ + milliseconds{static_cast<std::int64_t>(settings_["settle_s"] * 1e3)};
  for (Host* host : members_)
    host->unsettled_until = until;
}

void World::kill(Host& host) {
  if (!host.is_up()) return;
  trace_.record(now_, 6, host.index);
  if (observer_ != nullptr) observer_->handle_gone(host);
  take_out(host);
  host.state = HostState::off;
  host.hostility.reset();
  host.peer.reset();
  host.disk.crash();
  host.wake_at.reset();
  network_.drop_all(now_, host, true);
}

void World::power_off(Host& host) {
  if (!host.is_up()) return;
  trace_.record(now_, 7, host.index);
  if (observer_ != nullptr) observer_->handle_gone(host);
  take_out(host);
  host.state = HostState::power_off;
  host.peer.reset();
  host.disk.crash();
  host.wake_at.reset();
  network_.drop_all(now_, host, false);
}

void World::leave(Host& host) {
  if (!host.is_member || host.is_leaving) return;
  host.is_leaving = true;
  forget_enrolled(host.id());  // Whoever sends it away knows, and may enroll another one.
  unsettle_around(host.id());
  trace_.record(now_, 8, host.index);
  const std::uint32_t life = host.life;
  turn(host, [&](peer::Peer& peer) {
    peer.leave([this, &host, life](const Result<void>&) {
      if (host.life != life) return;
      take_out(host);
      // What lingers on its links is still sent.
      after(milliseconds{1'500}, [this, &host, life] { handle_left(host, life); });
    });
  });
}

void World::handle_left(Host& host, std::uint32_t life) {
  if (host.life != life || !host.is_up()) return;
  if (observer_ != nullptr) observer_->handle_gone(host);
  host.state = HostState::off;
  host.peer.reset();
  host.wake_at.reset();
  network_.drop_all(now_, host, true);
}

Host& World::random_member() {
  return *members_[random_.below(members_.size())];
}

Host* World::random_stayer() {
  for (int tries = 0; tries < 64 && !members_.empty(); ++tries) {
    Host& host = random_member();
    if (!host.is_leaving) return &host;
  }
  return nullptr;
}

Host* World::best_leaver() {
  std::vector<NodeId> stayers;
  for (const auto& [id, host] : ring_) {
    if (!host->is_leaving) stayers.push_back(id);
  }
  return stayers.empty() ? nullptr : ring_.at(topology::choose_leaver(stayers));
}

Host& World::responsible_for(const ResourceId& place) {
  const auto at = ring_.lower_bound(topology::RingPosition{place}.node_id());
  return at == ring_.end() ? *ring_.begin()->second : *at->second;
}

Host& World::successor_of(const Host& host) {
  const auto next = ring_.upper_bound(host.id());
  return next == ring_.end() ? *ring_.begin()->second : *next->second;
}

std::vector<Host*> World::around(const NodeId& place, std::size_t count) {
  std::vector<Host*> list;
  if (ring_.empty()) return list;
  if (ring_.size() <= 2 * count + 1) {
    for (const auto& [id, host] : ring_)
      list.push_back(host);
    return list;
  }
  auto at = ring_.lower_bound(place);
  for (std::size_t i = 0; i < count; ++i)
    at = at == ring_.begin() ? std::prev(ring_.end()) : std::prev(at);
  for (std::size_t i = 0; i < 2 * count + 1; ++i) {
    if (at == ring_.end()) at = ring_.begin();
    list.push_back(at->second);
    ++at;
  }
  return list;
}

}  // namespace carillon::sim
