#include "sim/world.hpp"

#include <algorithm>
#include <utility>

// Time, what happens in it, and turns; hosts are in world_hosts.cpp.
namespace carillon::sim {
namespace {

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

}  // namespace carillon::sim
