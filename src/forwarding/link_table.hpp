#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fifo.hpp"
#include "base/timer_queue.hpp"
#include "forwarding/forwarding_options.hpp"
#include "forwarding/link_event.hpp"
#include "link/link.hpp"

namespace carillon::forwarding {

/// All connections of this node, and the Connection Table: which node is at the end of which
/// (RFC 6940, 1.2.4). Nodes get in when `bind` says so, peers and clients alike.
///
/// Two connections to one node: if both came up at the same time, both sides keep the one that the
/// larger Node-ID accepted (it sent the Attach that wins, 6.5.1.2); else both keep the newer, since
/// the older may be from before a restart. The other one is read for a little longer, then closed.
class LinkTable {
 public:
  /// The references must outlive this object.
  LinkTable(NodeId self, const ForwardingOptions& options, TimerQueue& timers);
  ~LinkTable();
  LinkTable(const LinkTable&) = delete;
  LinkTable& operator=(const LinkTable&) = delete;

  // What arrives.

  /// Somebody connected to us. `busy`: there are too many links; just close it.
  [[nodiscard]] Result<LinkId> handle_accepted(Now now, AddressPort remote);
  /// An OpenLink succeeded. False: the link is not wanted any more, close it.
  [[nodiscard]] bool handle_opened(Now now, LinkId link);
  /// The connection is gone, or an OpenLink failed. Unknown links are ignored.
  void handle_closed(Now now, LinkId link, std::string reason);

  // What is asked for.

  /// Starts to connect. Ends in LinkUp (after `bind`), or LinkFailed. `busy`: too many links.
  [[nodiscard]] Result<LinkId> open(Now now, AddressPort address, std::optional<NodeId> expected);
  /// The certificate at the other end is good and is `node`'s. A connected link that is neither
  /// bound nor closed is taken for a node with several Node-IDs that has not attached yet (6.1.2).
  /// False: no such link is connected, or `node` is this node; it is closed then.
  bool bind(Now now, LinkId link, const NodeId& node);
  void close(Now now, LinkId link, std::string reason);
  /// Closes after what is queued now and within the linger time was sent; nothing more is read.
  void close_soon(Now now, LinkId link, std::string reason);
  /// Sends on a link; `frame` as in link::Link::send. `unreachable`: no such link is connected.
  [[nodiscard]] Result<void> send(Now now, LinkId link, Bytes frame);

  /// The nodes whose silence must be noticed at once, and no others (see link::Link). Before the
  /// first call, all are.
  void watch(Now now, std::vector<NodeId> nodes);

  // What is to be done.

  [[nodiscard]] std::optional<LinkAction> poll_action();
  [[nodiscard]] std::optional<LinkEvent> poll_event();
  /// A message that a node which is gone did not acknowledge. Take the events first.
  [[nodiscard]] std::optional<Bytes> poll_stranded();

  // Queries.

  /// The link to a node in the Connection Table.
  [[nodiscard]] std::optional<LinkId> find(const NodeId& node) const;
  [[nodiscard]] bool is_connected(const NodeId& node) const { return find(node).has_value(); }
  [[nodiscard]] std::optional<NodeId> node_of(LinkId link) const;
  /// Null if the link is not connected. Valid until the next call that is not a query.
  [[nodiscard]] const link::Link* link(LinkId link) const;
  [[nodiscard]] std::vector<NodeId> connected_nodes() const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// See Peer::prefetch_tables and prefetch_link.
  void prefetch() const;
  void prefetch(LinkId link) const;

  // For Forwarding, which reads the messages.

  /// Takes what arrived on a link and returns it for polling its messages; null if it is unknown or
  /// is not read any more. `error` is set if the stream can't be followed any further.
  [[nodiscard]] link::Link* handle_bytes(Now now, LinkId link, ByteView octets,
                                         std::optional<Error>& error);
  /// Collects what a link has to send and to say, and sets its timer anew.
  void settle(Now now, LinkId link);

 private:
  enum class State : std::uint8_t {
    opening,
    connected,
    replaced,  ///< Another link to the node is in use; this one is still read, then closed.
    cut_off,   ///< Not read any more; still written, then closed.
  };
  struct Entry {
    State state{};
    bool accepted{};
    AddressPort address{};
    std::optional<NodeId> expected{};
    std::optional<NodeId> node{};
    MonotonicTime up_since{};
    std::optional<link::Link> link{};
    TimerId timer{};  ///< Open timeout, the link's deadline, or the end of lingering.
    MonotonicTime timer_at{};
    std::string closing_reason{};  ///< Once replaced or cut off.
  };

  [[nodiscard]] Entry* find_entry(LinkId id);
  [[nodiscard]] const Entry* find_entry(LinkId id) const;
  [[nodiscard]] bool is_watched(const NodeId& node) const;
  [[nodiscard]] Result<LinkId> add(Entry entry);
  void start(Now now, LinkId id, Entry& entry);
  [[nodiscard]] bool came_up_together(const Entry& older, const Entry& newer) const;
  [[nodiscard]] bool accepted_by_larger(const Entry& entry, const NodeId& node) const;
  void retire(Now now, LinkId id, Entry& entry, State state, std::string reason);
  void reinstate(Now now, const NodeId& node);
  void set_timer(LinkId id, Entry& entry, MonotonicTime at);
  void handle_timer(Now now, LinkId id);
  void keep_watched_alive(Now now, LinkId but);
  void report(LinkId id, const Entry& entry, link::LinkSignal signal);
  void remove(Now now, LinkId id, const std::string& reason);
  [[nodiscard]] const std::shared_ptr<const link::LinkOptions>& link_options();

  NodeId self_;
  const ForwardingOptions& options_;
  TimerQueue& timers_;
  std::uint64_t last_link_{0};
  // Some thirty of each: sorted lists are found in faster than hash tables, and take less room.
  std::vector<std::pair<LinkId, std::unique_ptr<Entry>>> entries_;  ///< New ones have the highest.
  std::vector<std::pair<NodeId, LinkId>> connection_table_;
  std::shared_ptr<const link::LinkOptions> link_options_;  ///< Those of `options_` when last used.
  std::optional<std::vector<NodeId>> watched_;
  Fifo<LinkAction> actions_;
  Fifo<LinkEvent> events_;
  Fifo<Bytes> stranded_;
};

}  // namespace carillon::forwarding
