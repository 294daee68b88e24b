#include "peer/support/network.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "topology/ring_interval.hpp"

namespace carillon::peer {

using topology::RingPosition;

Network::Network(std::uint64_t seed)
    : now_{MonotonicTime{seconds{1'000}}, security::test_now}, random_(seed) {}

Network::~Network() = default;

Host& Network::add_host() {
  return add_host(security::random_node_id(random_));
}

Host& Network::add_host(const NodeId& id) {
  return add_host(id, document.overlay);
}

Host& Network::add_host(const NodeId& id, security::TestOverlay& overlay) {
  const security::Issued node = overlay.node(id);
  const security::Issued registrar = overlay.registrar(id);
  security::Identity::Pem pem{node.certificate->to_pem(), node.key.to_pem(),
                              registrar.certificate->to_pem(), registrar.key.to_pem()};
  hosts_.push_back(
      std::make_unique<Host>(hosts_.size(), id, std::move(pem), node.certificate->der()));
  lives_.push_back(0);
  return *hosts_.back();
}

void Network::start(Host& host) {
  PeerOptions options = host.options;
  const auto up = std::ranges::find_if(hosts_, [](const auto& other) { return other->is_up(); });
  if (options.bootstrap.empty()) {
    if (up == hosts_.end()) {
      options.first = true;
    } else {
      options.bootstrap = {(*up)->address};
    }
  }
  start(host, std::move(options));
}

void Network::start(Host& host, PeerOptions options) {
  options.listen = host.address;
  ++lives_[host.index];
  host.silent = false;
  host.peer = std::make_unique<Peer>(
      std::move(options),
      Peer::Parts{document.document(), security::Identity::from_pem(host.pem, host.random).value(),
                  document.verifier, host.disk, host.random, [&host, this](const Notice& notice) {
                    host.log.push_back(
                        std::to_string(now_.monotonic.time_since_epoch().count() / 1000) + " " +
                        notice.text);
                  }});
  const auto opened = host.peer->open(now_at(host));
  ASSERT_TRUE(opened) << opened.error().message();
  host.peer->on_ring_change([&host] { ++host.ring_changes; });
  turn(host, [&host](Peer& peer) {
    peer.join([&host](const Result<void>& result) {
      host.log.push_back(result ? "joined" : "join: " + result.error().message());
    });
  });
}

void Network::join(Host& host) {
  start(host);
  const bool joined = run_until([&] { return host.has_joined(); }, seconds{60});
  std::string log;
  for (const auto& line : host.log)
    log += line + "\n";
  ASSERT_TRUE(joined) << "host " << host.index << " did not join\n" << log;
}

std::unique_ptr<Network> Network::ring(std::size_t peers, std::uint64_t seed) {
  auto network = std::make_unique<Network>(seed);
  for (std::size_t i = 0; i < peers; ++i)
    network->join(network->add_host());
  EXPECT_TRUE(network->settle()) << network->ring_fault();
  return network;
}

void Network::kill(Host& host) {
  host.peer.reset();
  host.disk.crash();
  host.wake_at.reset();
  std::vector<End> ends;
  for (const auto& [near, far] : connections_) {
    if (near.host == host.index) ends.push_back(near);
  }
  for (const End& end : ends)
    close_far_end(end, "connection reset by peer");
}

void Network::silence(Host& host) {
  host.silent = true;
  host.peer.reset();
  host.disk.crash();
  host.wake_at.reset();
}

void Network::break_links(Host& a, Host& b) {
  std::vector<std::pair<End, End>> broken;
  for (const auto& [near, far] : connections_) {
    if (near.host == a.index && far.host == b.index) broken.emplace_back(near, far);
  }
  for (const auto& [near, far] : broken) {
    close_far_end(near, "broken");
    if (Host* host = alive(near)) {
      turn(*host, [&near](Peer& peer) { peer.handle_link_closed(near.link, "broken"); });
    }
  }
}

void Network::partition(const std::set<std::size_t>& one_side) {
  for (auto& host : hosts_) {
    for (std::size_t other = 0; other < hosts_.size(); ++other) {
      if (one_side.contains(host->index) != one_side.contains(other)) host->cut_off.insert(other);
    }
  }
}

void Network::heal() {
  for (auto& host : hosts_)
    host->cut_off.clear();
}

void Network::after(MonotonicClock::duration delay, std::function<void()> run) {
  events_.push({now_.monotonic + delay, ++last_sequence_, std::move(run)});
}

bool Network::step(MonotonicTime limit) {
  if (events_.empty() || events_.top().at > limit) return false;
  const Event event = events_.top();
  events_.pop();
  now_.monotonic = event.at;
  now_.wall = security::test_now +
              std::chrono::floor<milliseconds>(event.at - MonotonicTime{seconds{1'000}});
  event.run();
  return true;
}

void Network::run_for(milliseconds how_long) {
  const MonotonicTime limit = now_.monotonic + how_long;
  while (step(limit)) {
  }
  now_.monotonic = limit;
}

bool Network::run_until(const std::function<bool()>& condition, milliseconds limit) {
  const MonotonicTime end = now_.monotonic + limit;
  while (!condition()) {
    if (!step(end)) {
      now_.monotonic = end;
      return condition();
    }
  }
  return true;
}

void Network::turn(Host& host, const std::function<void(Peer&)>& input) {
  if (!host.is_up()) return;
  host.peer->handle_time(now_at(host));
  if (input) input(*host.peer);
  for (int round = 0; round < 100; ++round) {
    (void)host.peer->flush();
    bool quiet = true;
    while (auto action = host.peer->poll_action()) {
      quiet = false;
      carry_out(host, std::move(*action));
    }
    host.peer->run_completions();
    if (quiet && round > 0) break;
  }
  schedule_wake(host);
}

void Network::schedule_wake(Host& host) {
  const auto deadline = host.peer->next_deadline();
  if (!deadline || (host.wake_at && *host.wake_at <= *deadline)) return;
  host.wake_at = std::max(*deadline, now_.monotonic);
  const auto at = *host.wake_at;
  after(at - now_.monotonic, [this, &host, at, life = lives_[host.index]] {
    if (!host.is_up() || life != lives_[host.index] || host.wake_at != at) return;
    host.wake_at.reset();
    turn(host);
  });
}

bool Network::can_reach(const Host& from, const Host& to) const {
  return !from.silent && !to.silent && !from.cut_off.contains(to.index);
}

Host* Network::alive(const End& end) {
  Host& host = *hosts_[end.host];
  return host.is_up() && lives_[end.host] == end.life ? &host : nullptr;
}

void Network::carry_out(Host& host, LinkAction action) {
  if (const auto* open = std::get_if<OpenLink>(&action)) return connect(host, *open);
  if (auto* send = std::get_if<SendBytes>(&action)) {
    const End near{host.index, lives_[host.index], send->link};
    if (const auto stranger = strangers_.find(near); stranger != strangers_.end()) {
      after(latency,
            [receive = stranger->second, octets = std::move(send->octets)] { receive(octets); });
      return;
    }
    const auto found = connections_.find(near);
    if (found == connections_.end()) return;
    octets_carried += send->octets.size();
    after(latency, [this, near, far = found->second, octets = std::move(send->octets)] {
      Host* to = alive(far);
      if (to == nullptr || !can_reach(*hosts_[near.host], *to)) return;
      turn(*to, [&](Peer& peer) { peer.handle_link_bytes(far.link, octets); });
    });
    return;
  }
  const auto& close = std::get<CloseLink>(action);
  strangers_.erase({host.index, lives_[host.index], close.link});
  close_far_end({host.index, lives_[host.index], close.link}, "closed by the other side");
}

void Network::close_far_end(const End& near, const std::string& reason) {
  const auto found = connections_.find(near);
  if (found == connections_.end()) return;
  const End far = found->second;
  connections_.erase(found);
  after(latency, [this, near, far, reason] {
    connections_.erase(far);
    Host* to = alive(far);
    if (to == nullptr || !can_reach(*hosts_[near.host], *to)) return;
    turn(*to, [&](Peer& peer) { peer.handle_link_closed(far.link, reason); });
  });
}

void Network::connect(Host& from, const OpenLink& action) {
  const End near{from.index, lives_[from.index], action.link};
  // Three ways for TCP and TLS; then each side knows the other's certificates.
  after(latency * 3, [this, near, address = action.address] {
    Host* opener = alive(near);
    if (opener == nullptr) return;
    const auto to =
        std::ranges::find_if(hosts_, [&](const auto& host) { return host->address == address; });
    const auto fail = [&](const std::string& why) {
      turn(*opener, [&](Peer& peer) { peer.handle_link_closed(near.link, why); });
    };
    if (to == hosts_.end()) return fail("no such host");
    if (!can_reach(*opener, **to)) return;  // Until it times out.
    if (!(*to)->is_up()) return fail("connection refused");
    LinkId link{};
    turn(**to, [&](Peer& peer) {
      link = peer.handle_link_accepted(opener->address, opener->chain);
      if (link == LinkId::none) return;
      const End far{(*to)->index, lives_[(*to)->index], link};
      connections_[near] = far;
      connections_[far] = near;
    });
    if (link == LinkId::none) return fail("closed by the other side");
    turn(*opener, [&](Peer& peer) { peer.handle_link_opened(near.link, (*to)->chain); });
  });
}

LinkId Network::connect_stranger(Host& host, std::vector<Bytes> chain,
                                 std::function<void(Bytes)> receive) {
  LinkId link{};
  turn(host, [&](Peer& peer) {
    link = peer.handle_link_accepted({"198.51.100.1", 4711}, std::move(chain));
    if (link != LinkId::none) {
      strangers_[{host.index, lives_[host.index], link}] = std::move(receive);
    }
  });
  return link;
}

bool Network::has_closed(const Host& host, LinkId link) const {
  return !strangers_.contains({host.index, lives_[host.index], link});
}

std::vector<Host*> Network::joined() {
  std::vector<Host*> list;
  for (auto& host : hosts_) {
    if (host->has_joined()) list.push_back(host.get());
  }
  return list;
}

std::vector<Host*> Network::ring_order(const NodeId& from) {
  std::vector<Host*> list = joined();
  const RingPosition start{from};
  std::ranges::sort(list, {},
                    [&](const Host* host) { return start.distance_to(RingPosition{host->id()}); });
  return list;
}

Host& Network::responsible_for(const ResourceId& resource) {
  return *ring_order(RingPosition{resource}.node_id()).front();
}

std::string Network::ring_fault() {
  for (Host* host : joined()) {
    std::vector<Host*> order = ring_order(host->id());
    order.erase(order.begin());
    const auto status = host->peer->status();
    const std::size_t expected = std::min<std::size_t>(3, order.size());
    const auto fault = [&](const std::string& what) {
      return "host " + std::to_string(host->index) + ": " + what;
    };
    if (status.successors.size() != expected) return fault("number of successors");
    if (status.predecessors.size() != expected) return fault("number of predecessors");
    for (std::size_t i = 0; i < expected; ++i) {
      if (status.successors[i] != order[i]->id()) return fault("successor " + std::to_string(i));
      if (status.predecessors[i] != order[order.size() - 1 - i]->id()) {
        return fault("predecessor " + std::to_string(i));
      }
    }
  }
  return {};
}

bool Network::settle(milliseconds limit) {
  return run_until([this] { return ring_fault().empty(); }, limit);
}

Result<void> Network::leave(Host& host, milliseconds limit) {
  std::optional<Result<void>> result;
  turn(host, [&](Peer& peer) { peer.leave([&](Result<void> done) { result = std::move(done); }); });
  if (!run_until([&] { return result.has_value(); }, limit)) {
    return fail(ErrorCode::request_timeout, "test", "leave did not end");
  }
  run_for(milliseconds{1'500});  // What lingers.
  return *result;
}

Result<StoreReport> Network::store(Host& host, StoreRequest request, milliseconds limit) {
  std::optional<Result<StoreReport>> result;
  turn(host, [&](Peer& peer) {
    peer.store(std::move(request), [&](Result<StoreReport> done) { result = std::move(done); });
  });
  if (!run_until([&] { return result.has_value(); }, limit)) {
    return fail(ErrorCode::request_timeout, "test", "store did not end");
  }
  return *result;
}

Result<std::vector<FoundValue>> Network::lookup(Host& host, const std::string& name,
                                                std::vector<KindId> kinds, milliseconds limit) {
  std::optional<Result<LookupReport>> result;
  turn(host, [&](Peer& peer) {
    peer.lookup({name, std::move(kinds)},
                [&](Result<LookupReport> done) { result = std::move(done); });
  });
  if (!run_until([&] { return result.has_value(); }, limit)) {
    return fail(ErrorCode::request_timeout, "test", "lookup did not end");
  }
  if (!*result) return std::unexpected(result->error());
  return (*result)->values;
}

StoreRequest user_value(const std::string& user, const std::string& value) {
  StoreRequest request;
  request.resource_name = user;
  request.user = user;
  request.values.push_back(
      {.kind = KindId::carillon_credential, .value = to_bytes(as_bytes(value))});
  return request;
}

std::string text_of(const Result<std::vector<FoundValue>>& found) {
  if (!found) return found.error().message();
  std::string text;
  for (const auto& value : *found)
    text += std::string{as_text(value.value)} + ";";
  return text;
}

}  // namespace carillon::peer
