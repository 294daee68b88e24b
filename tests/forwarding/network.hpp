#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "forwarding/forwarding.hpp"
#include "wire/message.hpp"

namespace carillon::forwarding {

inline NodeId node_id(std::uint8_t number) {
  NodeId::Octets octets{};
  octets[0] = number;
  octets[15] = number;
  return NodeId(octets);
}

inline constexpr auto test_overlay = wire::OverlayHash{0x9aa32b8d};

/// A topology that is told everything.
class FixedOracle final : public RoutingOracle {
 public:
  bool is_responsible(const ResourceId& resource) const override {
    return resources.contains(resource);
  }
  bool is_responsible(const NodeId& node) const override { return range.contains(node); }
  std::optional<NodeId> next_hop(const wire::Destination&) const override { return next; }
  bool may_route_through(const NodeId& node) const override { return !not_updated.contains(node); }

  std::set<ResourceId> resources;
  std::set<NodeId> range;
  std::optional<NodeId> next;
  std::set<NodeId> not_updated;
};

struct TestNode {
  TestNode(std::uint8_t number, ForwardingOptions options)
      : random(number), forwarding(node_id(number), options, oracle, timers, random) {}

  [[nodiscard]] NodeId id() const { return forwarding.self(); }
  std::vector<Delivered> take_delivered() {
    take();
    return std::exchange(delivered, {});
  }
  std::vector<Rejected> take_rejected() {
    take();
    return std::exchange(rejected, {});
  }
  std::vector<LinkEvent> take_events() {
    std::vector<LinkEvent> events;
    while (auto event = forwarding.links().poll_event())
      events.push_back(std::move(*event));
    return events;
  }

  FixedOracle oracle;
  TimerQueue timers;
  SeededRandom random;
  Forwarding forwarding;
  std::vector<Delivered> delivered;
  std::vector<Rejected> rejected;

 private:
  void take() {
    while (auto incoming = forwarding.poll_incoming()) {
      if (auto* message = std::get_if<Delivered>(&*incoming)) {
        delivered.push_back(std::move(*message));
      } else {
        rejected.push_back(std::get<Rejected>(std::move(*incoming)));
      }
    }
  }
};

/// Nodes in memory, joined by connections without latency, under virtual time.
class Network {
 public:
  explicit Network(std::size_t size, ForwardingOptions options = {}) {
    options.overlay = test_overlay;
    for (std::size_t i = 0; i < size; ++i) {
      nodes_.push_back(std::make_unique<TestNode>(static_cast<std::uint8_t>(i + 1), options));
    }
  }

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  TestNode& operator[](std::size_t index) { return *nodes_[index]; }

  /// Connects `from` to `to`, both bound to each other's Node-ID.
  void connect(std::size_t from, std::size_t to) {
    const auto [a, b] = connect_unbound(from, to);
    require(nodes_[from]->forwarding.links().bind(now, a, node_id_of(to)));
    require(nodes_[to]->forwarding.links().bind(now, b, node_id_of(from)));
    settle();
  }
  std::pair<LinkId, LinkId> connect_unbound(std::size_t from, std::size_t to) {
    auto& opener = nodes_[from]->forwarding.links();
    const LinkId a = opener.open(now, {"192.0.2.1", 6084}, {}).value();
    const LinkId b =
        nodes_[to]->forwarding.links().handle_accepted(now, {"192.0.2.2", 40000}).value();
    ends_[{from, a}] = {to, b};
    ends_[{to, b}] = {from, a};
    require(opener.handle_opened(now, a));
    settle();
    return {a, b};
  }
  /// A line 0 - 1 - 2 - ..., in which everyone routes to the right.
  void connect_line() {
    for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) {
      connect(i, i + 1);
      nodes_[i]->oracle.next = node_id_of(i + 1);
    }
  }

  /// Carries out all actions until there are none.
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      if (upper_layers) upper_layers();
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        while (auto action = nodes_[i]->forwarding.links().poll_action()) {
          moved = true;
          carry_out(i, std::move(*action));
        }
      }
    }
  }

  /// Visits every deadline up to `end`.
  void run_until(MonotonicTime end) {
    settle();
    for (;;) {
      std::optional<MonotonicTime> next;
      for (auto& node : nodes_) {
        const auto deadline = node->timers.next_deadline();
        if (deadline && (!next || *deadline < *next)) next = deadline;
      }
      if (!next || *next > end) break;
      now.monotonic = std::max(now.monotonic, *next);
      for (auto& node : nodes_)
        node->timers.run_due(now);
      settle();
    }
    now.monotonic = end;
  }

  [[nodiscard]] NodeId node_id_of(std::size_t index) const { return nodes_[index]->id(); }

  Now now{};
  bool cut{false};  ///< Nothing arrives any more.
  /// Says whether a message (not an acknowledgement) from one node to another is lost.
  std::function<bool(std::size_t from, std::size_t to)> lost;
  /// Takes up what arrived, before the actions are carried out.
  std::function<void()> upper_layers;
  /// What every frame looked like that was sent between two nodes.
  std::vector<Bytes> sent;
  std::vector<std::pair<std::size_t, OpenLink>> opens;

 private:
  using End = std::pair<std::size_t, LinkId>;

  static void require(bool condition) {
    if (!condition) throw std::logic_error("the test network is not set up as expected");
  }

  void carry_out(std::size_t from, LinkAction action) {
    if (auto* send = std::get_if<SendBytes>(&action)) {
      sent.push_back(send->octets);
      const auto end = ends_.find({from, send->link});
      if (end == ends_.end() || cut) return;
      const auto [to, link] = end->second;
      const bool is_data = send->octets.front() == 128;
      if (is_data && lost && lost(from, to)) return;
      nodes_[to]->forwarding.handle_bytes(now, link, send->octets);
    } else if (auto* close = std::get_if<CloseLink>(&action)) {
      const auto end = ends_.find({from, close->link});
      if (end == ends_.end()) return;
      const auto [to, link] = end->second;
      ends_.erase(end);
      ends_.erase({to, link});
      if (!cut) nodes_[to]->forwarding.links().handle_closed(now, link, "closed by the other side");
    } else {
      opens.emplace_back(from, std::get<OpenLink>(std::move(action)));
    }
  }

  std::vector<std::unique_ptr<TestNode>> nodes_;
  std::map<End, End> ends_;
};

/// A payload as far as forwarding looks at it: it starts with a message code.
inline Bytes payload_of(wire::MessageCode code, std::size_t size = 40) {
  Writer writer;
  writer.u16(static_cast<std::uint16_t>(code));
  Bytes payload = std::move(writer).take();
  for (std::size_t i = payload.size(); i < size; ++i) {
    payload.push_back(static_cast<std::uint8_t>(i * 7));
  }
  return payload;
}

inline wire::ForwardingHeader header_to(wire::DestinationList destinations,
                                        std::uint64_t transaction = 1) {
  wire::ForwardingHeader header;
  header.destination_list = std::move(destinations);
  header.transaction_id = wire::TransactionId{transaction};
  return header;
}

/// A framed message as another node would put it on the wire.
inline Bytes framed(wire::ForwardingHeader header, ByteView payload, std::uint32_t sequence = 0) {
  header.overlay = test_overlay;
  const Bytes message = wire::join_message(header, payload).value();
  return wire::encode(wire::FramedMessage{wire::DataFrame{sequence, message}});
}

/// What most tests send.
inline const Bytes ping = payload_of(wire::MessageCode::ping_req);

}  // namespace carillon::forwarding
