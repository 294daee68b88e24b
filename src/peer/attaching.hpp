#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "peer/timer.hpp"
#include "transport/request_handler.hpp"
#include "transport/response.hpp"
#include "wire/attach.hpp"

namespace carillon::peer {

class PeerCore;

/// Attach, both ways, without ICE (RFC 6940, 6.5.1): the node that asks is the TLS server and waits
/// for the one that answers to connect to the address in its candidates. And AppAttach, to which
/// there is no application here (6.5.2).
class Attaching {
 public:
  /// Runs once: with the node that is connected now, or why none is.
  using Done = std::move_only_function<void(Result<NodeId>)>;

  explicit Attaching(PeerCore& core) : core_(core) {}

  /// Attaches to the node at the end of `destinations`, and asks it for an Update. Succeeds at
  /// once if that node is connected already. `unreachable`, `request_timeout`, `busy`, or what the
  /// node said.
  void attach(wire::DestinationList destinations, Done done);

  void handle_attach(Now now, transport::IncomingRequest request, transport::ResponseToken token);
  void handle_app_attach(Now now, const transport::IncomingRequest& request,
                         transport::ResponseToken token);
  void handle_link_up(const NodeId& node);
  void handle_link_down(const NodeId& node);

  [[nodiscard]] std::size_t under_way() const { return outgoing_.size(); }
  [[nodiscard]] bool is_attaching_to(const NodeId& node) const;

 private:
  enum class Tag : std::uint64_t {};
  struct Outgoing {
    explicit Outgoing(TimerQueue& timers) : timeout(timers) {}
    std::optional<NodeId> target{};  ///< Nothing: whoever is responsible for a resource.
    wire::TransactionId transaction{};
    std::optional<NodeId> answered_by{};  ///< Its link is awaited.
    bool gives_way{false};  ///< It attaches to us, and that is what goes on (6.5.1.2).
    Done done{};
    Timer timeout;
  };

  [[nodiscard]] wire::AttachReqAns our_side(bool as_request) const;
  void handle_response(Tag tag, std::expected<transport::Response, transport::RequestFailure>);
  void wait_for_link(Tag tag, const NodeId& node);
  void finish(Tag tag, Result<NodeId> result);
  [[nodiscard]] Outgoing* find_outgoing(const NodeId& node);

  PeerCore& core_;
  std::uint64_t last_tag_{0};
  std::map<Tag, std::unique_ptr<Outgoing>> outgoing_;
  std::set<NodeId> updates_owed_;  ///< They asked for an Update once the link is there.
};

}  // namespace carillon::peer
