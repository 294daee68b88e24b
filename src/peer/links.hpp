#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fifo.hpp"
#include "forwarding/link_action.hpp"
#include "forwarding/link_event.hpp"

namespace carillon::peer {

class PeerCore;

/// Connections, and who is at the other end of them: a link counts only when its certificate
/// belongs to the overlay and to the node that was expected there (RFC 6940, 6.5.1.11, 11.3).
class Links {
 public:
  /// Runs once: with the node that the link leads to, or why there is none.
  using Opened = std::move_only_function<void(Result<NodeId>)>;

  explicit Links(PeerCore& core) : core_(core) {}

  [[nodiscard]] forwarding::LinkId handle_accepted(link::AddressPort remote,
                                                   std::span<const Bytes> der_chain);
  void handle_opened(forwarding::LinkId link, std::span<const Bytes> der_chain);
  void handle_closed(forwarding::LinkId link, std::string reason);

  /// Connects to an address. `expected`: who must be there; nothing: any node of the overlay.
  /// `unreachable`, `bad_certificate`, `busy`.
  void open(link::AddressPort address, std::optional<NodeId> expected, Opened done);
  void close_node(const NodeId& node, std::string reason);
  void close_all(const std::string& reason);

  /// Pings a connected node: if it is gone, its link closes within a few seconds.
  void probe(const NodeId& node);

  /// What Forwarding has noticed about a link.
  void handle_event(const forwarding::LinkEvent& event);
  [[nodiscard]] std::optional<forwarding::LinkAction> poll_action();

 private:
  struct Opening {
    link::AddressPort address{};
    std::optional<NodeId> expected{};
    Opened done{};
  };

  [[nodiscard]] Result<std::optional<NodeId>> identify(std::span<const Bytes> der_chain,
                                                       const std::optional<NodeId>& expected);
  void finish(forwarding::LinkId link, Result<NodeId> result);
  void refuse(forwarding::LinkId link, const link::AddressPort& address, const Error& error);
  void handle_up(const forwarding::LinkUp& event);
  void handle_down(const forwarding::LinkDown& event);
  [[nodiscard]] bool is_doubtful(const NodeId& node) const;

  PeerCore& core_;
  std::map<forwarding::LinkId, Opening> openings_;
  Fifo<forwarding::LinkAction> actions_;  ///< Of links that Forwarding has given up.
};

}  // namespace carillon::peer
