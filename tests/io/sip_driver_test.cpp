#include "io/sip_driver.hpp"

#include <gmock/gmock.h>

#include "io/secure_random.hpp"
#include "loop_support.hpp"

namespace carillon::io {
namespace {

using security::TestOverlay;
using sip::Transport;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Knows where one user is; answers before the turn ends, like an overlay of one node.
class OneUser final : public sip::LocationService {
 public:
  void publish(std::string, sip::OwnEntry, seconds, sip::Handler<void> done) override {
    waiting.emplace_back([done = std::move(done)]() mutable { done({}); });
  }
  void lookup(std::string, sip::Handler<std::vector<sip::LocatedBinding>> done) override {
    waiting.emplace_back([done = std::move(done), this]() mutable { done(bindings); });
  }
  bool run() {
    const bool any = !waiting.empty();
    for (auto& handler : std::exchange(waiting, {}))
      handler();
    return any;
  }

  std::vector<sip::LocatedBinding> bindings;
  std::vector<std::move_only_function<void()>> waiting;
};

class NoCredentials final : public sip::CredentialService {
 public:
  std::optional<sip::Credential> cached(std::string_view, seconds) override { return std::nullopt; }
  void find(std::string, sip::UserQuestion, sip::Handler<sip::FoundUser>) override {}
};

std::string request(const std::string& method, const std::string& uri, const char* via) {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/" + via +
         " 127.0.0.1;rport;branch=z9hG4bK" + method +
         "\r\nMax-Forwards: 70\r\nFrom: <sip:carol@elsewhere.example>;tag=1\r\nTo: <" + uri +
         ">\r\nCall-ID: " + method + "-1\r\nCSeq: 1 " + method +
         "\r\nContact: <sip:carol@127.0.0.1>\r\nContent-Length: 0\r\n\r\n";
}

class SipDrivers : public testing::Test {
 protected:
  SipDrivers() {
    loop.add_hook([this] {
      if (locations.waiting.empty()) return false;
      scheduler.begin_input();
      return locations.run();
    });
    sip::SipOptions options;
    options.domains = {"example.org"};
    options.peer_id = own_id.to_hex();
    options.authenticate_requests = false;
    core.emplace(options, timers, random, locations, credentials, NoticeSink{});
    driver.emplace(loop, scheduler, *core,
                   SipDriver::PeerTls{tls_of(overlay.node(own_id)),
                                      [this](const auto& chain) { return identify(chain); }},
                   limits, [this](Notice notice) { notices += notice.text + "\n"; });
  }

  Result<NodeId> identify(const std::vector<Bytes>& chain) {
    auto authenticator = overlay.authenticator();
    const auto verified = authenticator.verify_link(chain, security::test_now);
    if (!verified) return std::unexpected(verified.error());
    return (*verified)->certificate->node_ids().front();
  }
  sip::HostPort listen(Transport transport) {
    return driver->listen(transport, loopback(), 0).value();
  }

  /// A client's connection, and what came over it.
  struct Client {
    std::shared_ptr<Stream> stream;
    bool opened{false};
    bool closed{false};
    std::string received;
  };
  std::unique_ptr<Client> connect(const sip::HostPort& where,
                                  const std::optional<TlsContext>& tls = {}) {
    auto client = std::make_unique<Client>();
    auto* to = client.get();
    client->stream =
        Stream::connect(loop, {loopback(), where.port}, tls, {},
                        {.opened = [to](const auto&) { to->opened = true; },
                         .bytes = [to](ByteView octets) { to->received += as_text(octets); },
                         .closed = [to](const std::string&) { to->closed = true; }});
    return client;
  }

  TestOverlay overlay;
  NodeId own_id = security::random_node_id(overlay.random);
  EventLoop loop;
  CoreScheduler scheduler{loop};
  TimerQueue timers;
  SecureRandom random;
  OneUser locations;
  NoCredentials credentials;
  SipDriverLimits limits{.silent_flows = 1};
  std::string notices;
  std::optional<sip::SipCore> core;
  std::optional<SipDriver> driver;
};

TEST_F(SipDrivers, AnswersOverUdp) {
  const auto where = listen(Transport::udp);
  std::string answer;
  auto phone =
      UdpSocket::bind(
          loop, {loopback(), 0},
          {.datagram = [&answer](const auto&, ByteView octets) { answer = as_text(octets); }})
          .value();
  phone->send({loopback(), where.port}, as_bytes(request("OPTIONS", "sip:" + where.text(), "UDP")));
  ASSERT_TRUE(reaches(loop, [&] { return !answer.empty(); }));
  EXPECT_THAT(answer, StartsWith("SIP/2.0 200"));
  EXPECT_THAT(answer, HasSubstr("rport=" + std::to_string(phone->local_endpoint().port())));
}

TEST_F(SipDrivers, AnswersOverTcp) {
  const auto where = listen(Transport::tcp);
  const auto phone = connect(where);
  ASSERT_TRUE(reaches(loop, [&] { return phone->opened; }));
  const auto text = request("OPTIONS", "sip:" + where.text(), "TCP");
  phone->stream->send(as_bytes(text.substr(0, 30)));
  phone->stream->send(as_bytes(text.substr(30)));
  ASSERT_TRUE(reaches(loop, [&] { return !phone->received.empty(); }));
  EXPECT_THAT(phone->received, StartsWith("SIP/2.0 200"));
  EXPECT_EQ(core->gauges().flows, 1U);
  phone->stream->close();
  EXPECT_TRUE(reaches(loop, [&] { return core->gauges().flows == 0; }));
}

TEST_F(SipDrivers, SilentConnectionsAreLimited) {
  const auto where = listen(Transport::tcp);
  const auto first = connect(where);
  ASSERT_TRUE(reaches(loop, [&] { return core->gauges().flows == 1; }));
  const auto second = connect(where);
  ASSERT_TRUE(reaches(loop, [&] { return second->closed; }));
  EXPECT_FALSE(first->closed);
  first->stream->close();
  ASSERT_TRUE(reaches(loop, [&] { return core->gauges().flows == 0; }));
  const auto third = connect(where);
  EXPECT_TRUE(reaches(loop, [&] { return core->gauges().flows == 1; }));
}

TEST_F(SipDrivers, APeerOfTheOverlayMayConnect) {
  const auto where = listen(Transport::tls_peer);
  const auto peer = connect(where, tls_of(overlay.node()));
  ASSERT_TRUE(reaches(loop, [&] { return core->gauges().flows == 1; }));
  peer->stream->send(as_bytes(request("OPTIONS", "sip:" + where.text(), "TLS")));
  ASSERT_TRUE(reaches(loop, [&] { return !peer->received.empty(); }));
  EXPECT_THAT(peer->received, StartsWith("SIP/2.0 200"));
}

TEST_F(SipDrivers, AStrangerMayNot) {
  TestOverlay other;
  const auto where = listen(Transport::tls_peer);
  const auto stranger = connect(where, tls_of(other.node()));
  ASSERT_TRUE(reaches(loop, [&] { return stranger->closed; }));
  EXPECT_EQ(core->gauges().flows, 0U);
  EXPECT_THAT(notices, HasSubstr("refused"));
}

/// A call for a phone that hangs on a connection to another peer.
class CallsToOtherPeers : public SipDrivers {
 protected:
  /// Somebody who listens as that peer.
  void listen_as(const security::Issued& node) {
    far_tls = tls_of(node);
    far = Acceptor::listen(
              loop, {loopback(), 0},
              [this](Stream::Socket socket, const Stream::Endpoint&) {
                far_stream = Stream::accept(
                    loop, std::move(socket), far_tls, {},
                    {.opened = [](const auto&) {},
                     .bytes = [this](ByteView octets) { far_received += as_text(octets); },
                     .closed = [this](const auto&) { far_closed = true; }});
              })
              .value();
  }
  void locate_at(const NodeId& node) {
    sip::LocatedBinding located;
    located.binding.contact = "sip:bob@192.0.2.1;transport=tcp";
    located.binding.flow_token = "token";
    located.binding.expires = read_clocks().wall + seconds{3600};
    located.peer_id = node.to_hex();
    located.peer_address = {"127.0.0.1", far->local_endpoint().port()};
    locations.bindings = {located};
  }
  void call() {
    const auto where = listen(Transport::udp);
    listen(Transport::tls_peer);
    phone = UdpSocket::bind(
                loop, {loopback(), 0},
                {.datagram = [this](const auto&, ByteView octets) { answers += as_text(octets); }})
                .value();
    phone->send({loopback(), where.port},
                as_bytes(request("INVITE", "sip:bob@example.org", "UDP")));
  }

  std::optional<TlsContext> far_tls;
  std::unique_ptr<Acceptor> far;
  std::shared_ptr<Stream> far_stream;
  std::string far_received;
  bool far_closed{false};
  std::unique_ptr<UdpSocket> phone;
  std::string answers;
};

TEST_F(CallsToOtherPeers, GoOverTlsToTheServingPeer) {
  const auto node = overlay.node();
  listen_as(node);
  locate_at(node.certificate->node_ids().front());
  call();
  ASSERT_TRUE(reaches(loop, [this] { return !far_received.empty(); }));
  EXPECT_THAT(far_received, StartsWith("INVITE "));
  EXPECT_THAT(far_received, HasSubstr("token@"));
}

TEST_F(CallsToOtherPeers, DoNotGoToAnotherNodeAtThatAddress) {
  listen_as(overlay.node());
  locate_at(security::random_node_id(overlay.random));
  call();
  ASSERT_TRUE(reaches(loop, [this] { return far_closed; }));
  EXPECT_THAT(far_received, IsEmpty());
  ASSERT_TRUE(reaches(loop, [this] {
    return answers.find("SIP/2.0 4") != std::string::npos ||
           answers.find("SIP/2.0 5") != std::string::npos;
  }));
}

}  // namespace
}  // namespace carillon::io
