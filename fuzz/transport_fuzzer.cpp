// What a node of the overlay may send, through link, forwarding and transport: whatever it is, each
// request ends once, and what goes out is well-formed. The input is a list of steps, each an octet
// that says what happens, an octet that says how long its data is, and the data. Certificates are
// real; signatures are good by agreement, so that the fuzzer gets behind them.
#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "check.hpp"
#include "forwarding/fragmentation.hpp"
#include "link/frame.hpp"
#include "security/creation.hpp"
#include "security/signing.hpp"
#include "transport/message_transport.hpp"
#include "wire/ping.hpp"

using namespace carillon;

namespace {

const std::string overlay_name = "overlay.example.org";
const wire::OverlayHash overlay = wire::overlay_hash(overlay_name);
constexpr WallTime wall_now{milliseconds{1'800'000'000'000}};

class AgreedSigner final : public security::Signer {
 public:
  security::KeyType type() const override { return security::KeyType::ecdsa; }
  Result<Bytes> sign(ByteView) override { return Bytes{1}; }
};

class AgreedVerifier final : public security::Verifier {
 public:
  bool verify(const security::PublicKey&, ByteView, ByteView signature) override {
    return signature.size() == 1;
  }
};

/// The certificates of this node and of the other one, made once.
struct Certificates {
  Certificates() {
    SeededRandom random(1);
    const auto root =
        security::create_root(overlay_name, security::KeyType::ecdsa, wall_now, random).value();
    authenticator = std::make_unique<security::Authenticator>(
        security::TrustAnchors{overlay_name, {root.certificate}, {}, {}},
        std::make_shared<AgreedVerifier>());
    for (security::Credential* credential : {&ours, &theirs}) {
      const NodeId id = security::random_node_id(random);
      const auto issued =
          security::create_node(
              root, {overlay_name, "node@" + overlay_name, id, security::KeyType::ecdsa}, wall_now,
              random)
              .value();
      *credential = {issued.certificate, {}, id, std::make_shared<AgreedSigner>()};
    }
  }
  std::unique_ptr<security::Authenticator> authenticator;
  security::Credential ours;
  security::Credential theirs;
};

/// Responsible for every resource whose first octet is even; everything else goes to the other
/// node.
struct Topology final : forwarding::RoutingOracle, transport::ResponderOracle {
  explicit Topology(NodeId other) : next(other) {}
  bool is_responsible(const ResourceId& resource) const override {
    return !resource.bytes().empty() && resource.bytes()[0] % 2 == 0;
  }
  bool is_responsible(const NodeId& node) const override { return node.octets()[0] % 4 == 0; }
  std::optional<NodeId> next_hop(const wire::Destination&) const override { return next; }
  bool may_route_through(const NodeId&) const override { return true; }
  bool is_plausible_responder(const ResourceId& resource, const NodeId&) const override {
    return is_responsible(resource);
  }
  NodeId next;
};

struct Handler final : transport::RequestHandler {
  void handle_request(Now, transport::IncomingRequest, transport::ResponseToken token) override {
    tokens.push_back(token);
  }
  void handle_config_mismatch(Now, const transport::ConfigMismatch&) override {}
  std::vector<transport::ResponseToken> tokens;
};

class World {
 public:
  explicit World(const Certificates& certificates)
      : certificates_(certificates),
        topology_(certificates.theirs.node_id),
        forwarding_(certificates.ours.node_id, options(), topology_, timers_, random_),
        transport_({overlay, config::ConfigSequence{5}},
                   {forwarding_, certificates.ours, *certificates.authenticator, topology_,
                    handler_, timers_, random_}) {
    bound_ = forwarding_.links().handle_accepted(now_, {}).value();
    check(forwarding_.links().bind(now_, bound_, certificates.theirs.node_id));
    unbound_ = forwarding_.links().handle_accepted(now_, {}).value();
    for (const wire::Destination& to :
         {wire::Destination(certificates.theirs.node_id), wire::Destination(ResourceId(Bytes{3})),
          wire::Destination(NodeId::wildcard())}) {
      const std::size_t index = ends_.size();
      ends_.push_back(0);
      pending_.push_back(transport_.request(now_, {to}, wire::PingReq{}, {},
                                            [this, index](Now, const auto&) { ++ends_[index]; }));
    }
    settle();
  }

  void step(std::uint8_t what, ByteView data) {
    switch (what % 8) {
      case 0:
        forwarding_.handle_bytes(now_, bound_, data);
        break;
      case 1:
        forwarding_.handle_bytes(now_, unbound_, data);
        break;
      case 2:
        pass_time(milliseconds{100} * static_cast<int>(data.size()));
        break;
      case 3:
        receive(signed_message(pending_[what / 8 % pending_.size()], data), 0);
        break;
      case 4:
        receive(signed_message(wire::TransactionId{what}, data), 0);
        break;
      case 5:
        receive(data, 0);
        break;
      case 6:
        answer(data);
        break;
      default:
        receive(signed_message(wire::TransactionId{what}, data), 500);
    }
    settle();
  }

  void finish() {
    pass_time(seconds{20});
    for (const int ends : ends_)
      check(ends == 1);
    check(transport_.pending() == 0);
  }

 private:
  static forwarding::ForwardingOptions options() {
    forwarding::ForwardingOptions options;
    options.overlay = overlay;
    return options;
  }

  /// `contents` for this node, in the name of the other.
  [[nodiscard]] Bytes signed_message(wire::TransactionId id, ByteView contents) const {
    wire::ForwardingHeader header;
    header.overlay = overlay;
    header.configuration_sequence = 5;
    header.transaction_id = id;
    header.destination_list = {certificates_.ours.node_id};
    const auto block = security::sign_message(certificates_.theirs, overlay, id, contents).value();
    return wire::join_message(header, wire::join_payload(contents, block)).value();
  }

  /// A message in a good frame; cut into fragments if `fragment_size` says so.
  void receive(ByteView message, std::size_t fragment_size) {
    if (fragment_size == 0) return receive_frame(link::with_frame_headroom(message));
    const auto split = wire::split_message(message).value();
    auto frames = forwarding::make_frames(split.header, split.payload, fragment_size).value();
    std::ranges::reverse(frames);
    for (Bytes& frame : frames)
      receive_frame(std::move(frame));
  }
  void receive_frame(Bytes frame) {
    link::write_data_frame_header(frame, sequence_++);
    forwarding_.handle_bytes(now_, bound_, frame);
  }

  void answer(ByteView data) {
    if (handler_.tokens.empty()) return;
    const auto token = handler_.tokens[data.size() % handler_.tokens.size()];
    if (data.size() % 2 == 0) return transport_.respond(now_, token, to_bytes(data));
    transport_.respond_error(now_, token, Error{ErrorCode::forbidden, "fuzz", {}});
  }

  void pass_time(milliseconds time) {
    const MonotonicTime end = now_.monotonic + time;
    for (;;) {
      const auto deadline = timers_.next_deadline();
      if (!deadline || *deadline > end) break;
      now_.monotonic = std::max(now_.monotonic, *deadline);
      timers_.run_due(now_);
      settle();
    }
    now_.monotonic = end;
  }

  void settle() {
    transport_.pump(now_);
    while (transport_.poll_link_event(now_)) {
    }
    transport_.pump(now_);
    while (auto action = forwarding_.links().poll_action()) {
      if (const auto* send = std::get_if<forwarding::SendBytes>(&*action))
        check_frame(send->octets);
    }
    check(forwarding_.links().size() <= 2);
  }

  static void check_frame(ByteView octets) {
    const auto read = wire::next_frame(octets, options().link.max_message_size);
    check(read && *read && (*read)->size == octets.size());
    if (const auto* data = std::get_if<wire::DataFrame>(&(*read)->framed.frame)) {
      check(wire::split_message(data->message).has_value());
    }
  }

  const Certificates& certificates_;
  TimerQueue timers_;
  SeededRandom random_{2};
  Now now_{MonotonicTime{}, wall_now};
  Topology topology_;
  Handler handler_;
  forwarding::Forwarding forwarding_;
  transport::MessageTransport transport_;
  forwarding::LinkId bound_{};
  forwarding::LinkId unbound_{};
  std::uint32_t sequence_{0};
  std::vector<wire::TransactionId> pending_;
  std::vector<int> ends_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Certificates certificates;
  World world(certificates);
  ByteView rest{data, size};
  while (rest.size() >= 2) {
    const std::uint8_t what = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    world.step(what, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
  world.finish();
  return 0;
}
