#include <algorithm>
#include <utility>

#include "sim/rare_options.hpp"
#include "sim/world.hpp"

// How hosts come, and how they go.
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

}  // namespace

Host& World::add_host() {
  const auto index = static_cast<HostIndex>(hosts_.size());
  const NodeId id = membership_.enroll(random_);
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
  options.first = membership_.empty() && joining_.empty();
  for (std::size_t i = 0; i < bootstrap_nodes && !membership_.empty(); ++i) {
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
  joining_.insert(host.id());
  trace_.record(now_, 5, host.index);
  if (observer_ != nullptr) observer_->handle_started(host);
  const std::uint32_t life = host.life;
  turn(host, [&](peer::Peer& peer) {
    peer.join([this, &host, life](const Result<void>& result) {
      if (host.life != life) return;
      joining_.erase(host.id());
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
  membership_.add(host);
  unsettle_around(host.id());
  if (observer_ != nullptr) observer_->handle_joined(host);
}

void World::take_out(Host& host) {
  const bool was_joining = host.is_up() && host.peer->state() == peer::PeerState::joining;
  if (was_joining) {
    joining_.erase(host.id());
    unsettle_around(host.id());  // It may have been admitted.
  }
  if (!host.is_member) return;
  host.is_member = false;
  membership_.remove(host);
  unsettle_around(host.id());
}

void World::unsettle_around(const NodeId& place) {
  const auto until = now_ + milliseconds{static_cast<std::int64_t>(settings_["settle_s"] * 1e3)};
  for (Host* host : membership_.around(place, neighborhood))
    host->unsettled_until = until;
}

void World::unsettle_all() {
  const auto until = now_ + milliseconds{static_cast<std::int64_t>(settings_["settle_s"] * 1e3)};
  for (const auto& [id, host] : membership_.ring())
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
  membership_.forget_enrolled(
      host.id());  // Whoever sends it away knows, and may enroll another one.
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

}  // namespace carillon::sim
