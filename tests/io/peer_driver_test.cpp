#include "io/peer_driver.hpp"

#include <gmock/gmock.h>

#include "config/test_document.hpp"
#include "io/secure_random.hpp"
#include "loop_support.hpp"
#include "storage/memory_backend.hpp"

namespace carillon::io {
namespace {

using config::TestDocument;
using testing::HasSubstr;
using testing::SizeIs;

/// The certificates of these overlays are of their own time.
Now test_clock() {
  return {read_clocks().monotonic, security::test_now};
}

/// A peer with real sockets, on the loop that the test runs.
struct RunningPeer {
  RunningPeer(EventLoop& loop, TestDocument& document, security::TestOverlay& overlay,
              peer::PeerOptions options)
      : scheduler(loop, test_clock) {
    const auto node = overlay.node();
    acceptor = Acceptor::listen(loop, {loopback(), 0},
                                [this](Stream::Socket socket, const Stream::Endpoint& remote) {
                                  driver->accepted(std::move(socket), remote);
                                })
                   .value();
    options.listen = address();
    peer.emplace(options, peer::Peer::Parts{document.document(), overlay.identity(node),
                                            document.verifier, disk, random, log()});
    driver.emplace(loop, scheduler, *peer, tls_of(node), PeerDriverLimits{}, log());
  }

  NoticeSink log() {
    return [this](Notice notice) { notices += notice.text + "\n"; };
  }
  [[nodiscard]] link::AddressPort address() const {
    return {"127.0.0.1", acceptor->local_endpoint().port()};
  }
  void join() {
    ASSERT_TRUE(peer->open(test_clock()));
    scheduler.begin_input();
    peer->join([this](Result<void> result) { joined = std::move(result); });
  }

  std::string notices;
  CoreScheduler scheduler;
  storage::MemoryBackend disk;
  SecureRandom random;
  std::unique_ptr<Acceptor> acceptor;
  std::optional<peer::Peer> peer;
  std::optional<PeerDriver> driver;
  std::optional<Result<void>> joined;
};

class PeerDrivers : public testing::Test {
 protected:
  RunningPeer& add(security::TestOverlay& overlay, peer::PeerOptions options) {
    peers.push_back(std::make_unique<RunningPeer>(loop, document, overlay, std::move(options)));
    peers.back()->join();
    return *peers.back();
  }
  RunningPeer& first() {
    auto& peer = add(document.overlay, {.first = true});
    EXPECT_TRUE(reaches(loop, [&] { return peer.joined.has_value(); })) << peer.notices;
    return peer;
  }
  RunningPeer& another(const link::AddressPort& bootstrap) {
    auto& peer = add(document.overlay, {.bootstrap = {bootstrap}});
    EXPECT_TRUE(reaches(loop, [&] { return peer.joined.has_value(); })) << peer.notices;
    return peer;
  }

  TestDocument document;
  EventLoop loop;
  std::vector<std::unique_ptr<RunningPeer>> peers;
};

TEST_F(PeerDrivers, PeersJoinOverSocketsAndShareValues) {
  auto& one = first();
  ASSERT_TRUE(one.joined && *one.joined) << one.notices;
  auto& two = another(one.address());
  ASSERT_TRUE(two.joined && *two.joined) << two.notices;

  std::optional<Result<StoreReport>> stored;
  two.scheduler.begin_input();
  two.peer->store({.resource_name = "alice@example.org",
                   .user = "alice@example.org",
                   .values = {{.kind = KindId::carillon_contacts,
                               .position = to_bytes(two.peer->node_id().bytes()),
                               .value = {1, 2, 3}}}},
                  [&stored](Result<StoreReport> report) { stored = std::move(report); });
  ASSERT_TRUE(reaches(loop, [&] { return stored.has_value(); }));
  ASSERT_TRUE(*stored) << stored->error().message();

  std::optional<Result<LookupReport>> found;
  one.scheduler.begin_input();
  one.peer->lookup({"alice@example.org", {KindId::carillon_contacts}},
                   [&found](Result<LookupReport> report) { found = std::move(report); });
  ASSERT_TRUE(reaches(loop, [&] { return found.has_value(); }));
  ASSERT_TRUE(*found) << found->error().message();
  ASSERT_THAT((*found)->values, SizeIs(1));
  EXPECT_EQ((*found)->values.front().value, (Bytes{1, 2, 3}));
}

TEST_F(PeerDrivers, WhatAHandlerAsksForIsOfTheSameTurn) {
  auto& one = first();
  std::optional<Result<StoreReport>> stored;
  const auto store = [&](const Result<LookupReport>&) {
    one.peer->store({.resource_name = "alice@example.org",
                     .user = "alice@example.org",
                     .values = {{.kind = KindId::carillon_contacts,
                                 .position = to_bytes(one.peer->node_id().bytes()),
                                 .value = {1, 2, 3}}}},
                    [&stored](Result<StoreReport> report) { stored = std::move(report); });
  };
  one.scheduler.begin_input();
  one.peer->lookup({"alice@example.org", {KindId::carillon_contacts}}, store);
  // Nobody else is in the ring, and nothing that happens wakes the loop up.
  int rounds = 0;
  while (one.driver->finish_turn())
    ASSERT_LT(++rounds, 10);
  ASSERT_TRUE(stored.has_value());
  EXPECT_TRUE(*stored) << stored->error().message();
}

TEST_F(PeerDrivers, ABootstrapNodeMayBeGivenByName) {
  auto& one = first();
  auto& two = another({"localhost", one.address().port});
  EXPECT_TRUE(two.joined && *two.joined) << two.notices;
}

TEST_F(PeerDrivers, ACertificateOfAnotherOverlayDoesNotGetIn) {
  auto& one = first();
  security::TestOverlay other{security::KeyType::ecdsa, document.overlay.overlay_name};
  peers.push_back(std::make_unique<RunningPeer>(loop, document, other,
                                                peer::PeerOptions{.bootstrap = {one.address()}}));
  // Its own peer would refuse to start with it; somebody else's program would not ask.
  bool opened = false;
  std::string closed;
  const auto stream =
      Stream::connect(loop, {loopback(), one.address().port}, tls_of(other.node()), {},
                      {.opened = [&opened](const auto&) { opened = true; },
                       .bytes = [](ByteView) {},
                       .closed = [&closed](std::string reason) { closed = std::move(reason); }});
  ASSERT_TRUE(reaches(loop, [&] { return !closed.empty(); }));
  EXPECT_TRUE(opened) << "TLS itself has nothing against it; the core has";
  EXPECT_TRUE(
      security::fails_with(peers.back()->peer->open(test_clock()), ErrorCode::bad_certificate));
}

TEST_F(PeerDrivers, APeerThatVanishesIsNoticedAtOnce) {
  auto& one = first();
  another(one.address());
  ASSERT_TRUE(reaches(loop, [&] { return !one.peer->status().successors.empty(); }));
  const auto successors = [&] { return one.peer->status().successors.size(); };
  // As when its process is killed: the kernel closes its sockets, and nobody says goodbye.
  peers.back()->acceptor->close();
  peers.back()->driver.reset();
  EXPECT_TRUE(loop.run_until([&] { return successors() == 0; }, milliseconds{2'000}))
      << one.notices;
}

TEST_F(PeerDrivers, NobodyAtTheBootstrapAddress) {
  const auto nobody = Acceptor::listen(loop, {loopback(), 0}, [](auto, const auto&) {}).value();
  const link::AddressPort where{"127.0.0.1", nobody->local_endpoint().port()};
  nobody->close();
  auto& lonely = add(document.overlay, {.bootstrap = {where}, .join_rounds = 1});
  ASSERT_TRUE(reaches(loop, [&] { return lonely.joined.has_value(); }));
  EXPECT_FALSE(*lonely.joined);
  EXPECT_THAT(lonely.notices, HasSubstr(where.to_string()));
}

}  // namespace
}  // namespace carillon::io
