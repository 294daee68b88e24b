// What a message costs that passes through a node, and what a request and its answer cost end to
// end beside the arithmetic of their signatures.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "link/frame.hpp"
#include "security/creation.hpp"
#include "security/openssl_signer.hpp"
#include "security/signing.hpp"
#include "transport/message_transport.hpp"
#include "wire/ping.hpp"

namespace {

using namespace carillon;

const std::string overlay_name = "overlay.example.org";
const wire::OverlayHash overlay = wire::overlay_hash(overlay_name);
constexpr Now now{MonotonicTime{}, WallTime{milliseconds{1'800'000'000'000}}};

NodeId node_id(std::uint8_t number) {
  NodeId::Octets octets{};
  octets.fill(number);
  return NodeId(octets);
}

struct ToNext final : forwarding::RoutingOracle, transport::ResponderOracle {
  bool is_responsible(const ResourceId&) const override { return false; }
  bool is_responsible(const NodeId&) const override { return false; }
  std::optional<NodeId> next_hop(const wire::Destination&) const override { return node_id(2); }
  bool may_route_through(const NodeId&) const override { return true; }
  bool is_plausible_responder(const ResourceId&, const NodeId&) const override { return true; }
};

forwarding::ForwardingOptions options() {
  forwarding::ForwardingOptions options;
  options.overlay = overlay;
  return options;
}

/// Octets in on one link, octets out on another: a request with two hops behind it.
void forward(benchmark::State& state) {
  ToNext topology;
  TimerQueue timers;
  SeededRandom random(1);
  forwarding::Forwarding forwarding(node_id(1), options(), topology, timers, random);
  auto& links = forwarding.links();
  const auto from = links.handle_accepted(now, {}).value();
  const auto to = links.handle_accepted(now, {}).value();
  benchmark::DoNotOptimize(links.bind(now, from, node_id(9)));
  benchmark::DoNotOptimize(links.bind(now, to, node_id(2)));

  wire::ForwardingHeader header;
  header.overlay = overlay;
  header.via_list = {node_id(7), node_id(8)};
  header.destination_list = {ResourceId(node_id(5))};
  Bytes payload(static_cast<std::size_t>(state.range(0)));
  payload[1] = 7;  // StoreReq
  Bytes frame = link::with_frame_headroom(wire::join_message(header, payload).value());
  std::uint32_t sequence = 0;
  for (auto _ : state) {
    link::write_data_frame_header(frame, sequence);
    forwarding.handle_bytes(now, from, frame);
    while (auto action = links.poll_action())
      benchmark::DoNotOptimize(action);
    const wire::AckFrame ack{sequence++, 0xffffffff};
    forwarding.handle_bytes(now, to, wire::encode(wire::FramedMessage{ack}));
  }
}
BENCHMARK(forward)->Arg(200)->Arg(1500)->Arg(4500);

/// Signs in no time: so that what is left is ours.
class NoSigner final : public security::Signer {
 public:
  security::KeyType type() const override { return security::KeyType::ecdsa; }
  Result<Bytes> sign(ByteView) override { return Bytes(71); }
};
class NoVerifier final : public security::Verifier {
 public:
  bool verify(const security::PublicKey&, ByteView, ByteView) override { return true; }
};

struct Answers final : transport::RequestHandler {
  void handle_request(Now at, transport::IncomingRequest, transport::ResponseToken token) override {
    transport->respond(at, token, wire::PingAns{});
  }
  void handle_config_mismatch(Now, const transport::ConfigMismatch&) override {}
  transport::MessageTransport* transport{};
};

struct Node {
  Node(NodeId id, const security::Issuer& root, bool real, Random& random)
      : authenticator({overlay_name, {root.certificate}, {}, {}},
                      real ? std::shared_ptr<security::Verifier>(
                                 std::make_shared<security::OpensslVerifier>())
                           : std::make_shared<NoVerifier>()),
        forwarding(id, options(), topology, timers, random),
        transport({overlay},
                  {forwarding, credential, authenticator, topology, answers, timers, random}) {
    auto issued = security::create_node(
                      root, {overlay_name, "node@example.org", id, security::KeyType::ecdsa},
                      now.wall, random)
                      .value();
    credential = {issued.certificate,
                  {},
                  id,
                  real ? std::shared_ptr<security::Signer>(
                             std::make_shared<security::OpensslSigner>(issued.key))
                       : std::make_shared<NoSigner>()};
    answers.transport = &transport;
  }
  ToNext topology;
  TimerQueue timers;
  security::Credential credential;
  security::Authenticator authenticator;
  Answers answers;
  forwarding::Forwarding forwarding;
  transport::MessageTransport transport;
  forwarding::LinkId link{};
};

/// A Ping to a neighbor and its answer: both nodes' work, without TLS.
void request(benchmark::State& state, bool real_signatures) {
  SeededRandom random(1);
  const auto root =
      security::create_root(overlay_name, security::KeyType::ecdsa, now.wall, random).value();
  Node a(node_id(1), root, real_signatures, random);
  Node b(node_id(2), root, real_signatures, random);
  a.link = a.forwarding.links().handle_accepted(now, {}).value();
  b.link = b.forwarding.links().handle_accepted(now, {}).value();
  benchmark::DoNotOptimize(a.forwarding.links().bind(now, a.link, node_id(2)));
  benchmark::DoNotOptimize(b.forwarding.links().bind(now, b.link, node_id(1)));
  const auto carry = [](Node& from, Node& to) {
    bool moved = false;
    while (auto action = from.forwarding.links().poll_action()) {
      moved = true;
      to.forwarding.handle_bytes(now, to.link, std::get<forwarding::SendBytes>(*action).octets);
      to.transport.pump(now);
    }
    return moved;
  };
  std::size_t answered = 0;
  for (auto _ : state) {
    a.transport.request(now, {node_id(2)}, wire::PingReq{}, {},
                        [&](Now, auto outcome) { answered += outcome.has_value() ? 1 : 0; });
    while (carry(a, b) || carry(b, a)) {
    }
  }
  if (answered != static_cast<std::size_t>(state.iterations())) state.SkipWithError("lost");
}
BENCHMARK_CAPTURE(request, without_signatures, false);
BENCHMARK_CAPTURE(request, with_signatures, true);

}  // namespace
