#include "forwarding/link_table.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/prefetch.hpp"

namespace carillon::forwarding {

using link::LinkSignal;

namespace {

/// Where `key` is in a sorted list, or would be.
template <typename List, typename Key>
auto place_of(List& list, const Key& key) {
  return std::ranges::lower_bound(list, key, {}, [](const auto& row) { return row.first; });
}

template <typename List, typename Key>
bool is_at(const List& list, typename List::const_iterator place, const Key& key) {
  return place != list.end() && place->first == key;
}

}  // namespace

LinkTable::LinkTable(NodeId self, const ForwardingOptions& options, TimerQueue& timers)
    : self_(self), options_(options), timers_(timers) {}

LinkTable::~LinkTable() {
  for (auto& [id, entry] : entries_)
    timers_.cancel(entry->timer);
}

// --- what arrives ---

Result<LinkId> LinkTable::handle_accepted(Now now, AddressPort remote) {
  Entry entry;
  entry.accepted = true;
  entry.address = std::move(remote);
  auto id = add(std::move(entry));
  if (id) start(now, *id, *find_entry(*id));
  return id;
}

bool LinkTable::handle_opened(Now now, LinkId link) {
  Entry* entry = find_entry(link);
  if (entry == nullptr || entry->state != State::opening) return false;
  start(now, link, *entry);
  return true;
}

void LinkTable::handle_closed(Now now, LinkId link, std::string reason) {
  if (find_entry(link) != nullptr) remove(now, link, reason);
}

link::Link* LinkTable::handle_bytes(Now now, LinkId link, ByteView octets,
                                    std::optional<Error>& error) {
  Entry* entry = find_entry(link);
  if (entry == nullptr) return nullptr;
  if (entry->state != State::connected && entry->state != State::replaced) return nullptr;
  if (auto taken = entry->link->handle_bytes(now.monotonic, octets); !taken) {
    error = std::move(taken.error());
  }
  return &*entry->link;
}

// --- what is asked for ---

Result<LinkId> LinkTable::open(Now now, AddressPort address, std::optional<NodeId> expected) {
  Entry entry;
  entry.state = State::opening;
  entry.address = address;
  entry.expected = expected;
  auto id = add(std::move(entry));
  if (!id) return id;
  actions_.emplace_back(OpenLink{*id, std::move(address), expected});
  set_timer(*id, *find_entry(*id), now.monotonic + options_.open_timeout);
  return id;
}

Result<LinkId> LinkTable::add(Entry entry) {
  if (entries_.size() >= options_.max_links) {
    return fail(ErrorCode::busy, "LinkTable",
                "there are " + std::to_string(entries_.size()) + " links already");
  }
  const LinkId id{++last_link_};
  entries_.emplace_back(id, std::make_unique<Entry>(std::move(entry)));
  return id;
}

void LinkTable::start(Now now, LinkId id, Entry& entry) {
  entry.state = State::connected;
  entry.up_since = now.monotonic;
  entry.link.emplace(now.monotonic, link_options());
  settle(now, id);
}

bool LinkTable::bind(Now now, LinkId link, const NodeId& node) {
  Entry* entry = find_entry(link);
  if (entry == nullptr || entry->state != State::connected || entry->node) return false;
  if (node == self_) {
    close(now, link, "this is a connection to ourselves");
    return false;
  }
  entry->node = node;
  if (!is_watched(node)) {
    entry->link->set_watched(false, now.monotonic);
    settle(now, link);
  }
  const auto row = place_of(connection_table_, node);
  if (!is_at(connection_table_, row, node)) {
    connection_table_.emplace(row, node, link);
    events_.emplace_back(LinkUp{link, node, false});
    return true;
  }
  const LinkId older_link = row->second;
  Entry& older = *find_entry(older_link);
  const bool together = came_up_together(older, *entry);
  if (together && accepted_by_larger(older, node) && !accepted_by_larger(*entry, node)) {
    retire(now, link, *entry, State::replaced, "the other connection to the node is kept");
    return true;
  }
  row->second = link;
  retire(now, older_link, older, State::replaced, "replaced by another connection to the node");
  if (!together) events_.emplace_back(LinkUp{link, node, true});
  return true;
}

bool LinkTable::came_up_together(const Entry& older, const Entry& newer) const {
  return older.state == State::connected &&
         newer.up_since - older.up_since <= options_.simultaneous_window;
}

/// The sender of an Attach is the TLS server (6.5.1), so this tells whose Attach the link is from.
bool LinkTable::accepted_by_larger(const Entry& entry, const NodeId& node) const {
  return (self_ > node) == entry.accepted;
}

void LinkTable::close(Now now, LinkId link, std::string reason) {
  if (find_entry(link) == nullptr) return;
  actions_.emplace_back(CloseLink{link, reason});
  remove(now, link, reason);
}

void LinkTable::close_soon(Now now, LinkId link, std::string reason) {
  Entry* entry = find_entry(link);
  if (entry == nullptr || entry->state == State::cut_off) return;
  if (entry->state == State::opening) return close(now, link, std::move(reason));
  retire(now, link, *entry, State::cut_off, std::move(reason));
}

void LinkTable::retire(Now now, LinkId id, Entry& entry, State state, std::string reason) {
  entry.state = state;
  entry.closing_reason = std::move(reason);
  timers_.cancel(entry.timer);
  set_timer(id, entry, now.monotonic + options_.linger);
}

Result<void> LinkTable::send(Now now, LinkId link, Bytes frame) {
  Entry* entry = find_entry(link);
  if (entry == nullptr || entry->state == State::opening) {
    return fail(ErrorCode::unreachable, "LinkTable.send", "the link is not connected");
  }
  auto sent = entry->link->send(now.monotonic, std::move(frame));
  settle(now, link);
  return sent;
}

/// What both `close` and `handle_closed` do.
void LinkTable::remove(Now now, LinkId id, const std::string& reason) {
  const auto place = place_of(entries_, id);
  const auto owned = std::move(place->second);
  entries_.erase(place);
  Entry& entry = *owned;
  timers_.cancel(entry.timer);
  if (!entry.node) {
    events_.emplace_back(LinkFailed{id, std::move(entry.address), entry.expected, reason});
    return;
  }
  const auto row = place_of(connection_table_, *entry.node);
  if (!is_at(connection_table_, row, *entry.node) || row->second != id) return;
  connection_table_.erase(row);
  reinstate(now, *entry.node);
  if (is_connected(*entry.node)) return;
  events_.emplace_back(LinkDown{id, *entry.node, reason});
  for (Bytes& message : entry.link->take_unacknowledged())
    stranded_.push_back(std::move(message));
}

/// Falls back on a connection that was about to be closed in favor of the one that has just gone.
void LinkTable::reinstate(Now now, const NodeId& node) {
  for (auto& [id, entry] : entries_) {
    if (entry->state != State::replaced || entry->node != node) continue;
    entry->state = State::connected;
    timers_.cancel(entry->timer);
    connection_table_.emplace(place_of(connection_table_, node), node, id);
    return settle(now, id);
  }
}

// --- time, and what links say ---

void LinkTable::set_timer(LinkId id, Entry& entry, MonotonicTime at) {
  // A timer that comes a little early does no harm, and most deadlines only move away.
  const bool is_set = entry.timer != TimerId::none;
  if (is_set && entry.timer_at <= at && at - entry.timer_at < options_.timer_slack) return;
  timers_.cancel(entry.timer);
  entry.timer_at = at;
  entry.timer = timers_.set(at, [this, id](Now now) { handle_timer(now, id); });
}

void LinkTable::handle_timer(Now now, LinkId id) {
  Entry* entry = find_entry(id);
  if (entry == nullptr) return;
  entry->timer = TimerId::none;
  switch (entry->state) {
    case State::opening:
      return close(now, id,
                   "no connection within " + std::to_string(options_.open_timeout.count()) + " ms");
    case State::replaced:
    case State::cut_off:
      return close(now, id, entry->closing_reason);
    case State::connected:
      break;
  }
  const bool keeps_alive = entry->link->keepalive_at() <= now.monotonic;
  if (entry->link->next_deadline() <= now.monotonic) entry->link->handle_time(now.monotonic);
  settle(now, id);
  if (keeps_alive) keep_watched_alive(now, id);
}

/// What wakes up for one link looks after the others, too.
void LinkTable::keep_watched_alive(Now now, LinkId but) {
  if (!watched_) return;
  for (const NodeId& node : *watched_) {
    const auto id = find(node);
    if (!id || *id == but) continue;
    find_entry(*id)->link->keep_alive_early(now.monotonic);
    settle(now, *id);
  }
}

void LinkTable::settle(Now now, LinkId link) {
  Entry* entry = find_entry(link);
  if (entry == nullptr || !entry->link) return;
  while (auto frame = entry->link->poll_frame()) {
    actions_.emplace_back(SendBytes{link, std::move(*frame)});
  }
  while (auto signal = entry->link->poll_signal()) {
    if (signal == LinkSignal::silent) return close(now, link, "the other side is silent");
    if (signal == LinkSignal::failed) {
      return close(now, link, "the other side does not acknowledge");
    }
    report(link, *entry, *signal);
  }
  if (entry->state == State::connected) set_timer(link, *entry, entry->link->next_deadline());
}

void LinkTable::report(LinkId id, const Entry& entry, LinkSignal signal) {
  if (!entry.node || find(*entry.node) != id) return;
  if (signal == LinkSignal::probe_wanted) events_.emplace_back(ProbeWanted{id, *entry.node});
  if (signal == LinkSignal::doubtful) events_.emplace_back(LinkDoubtful{id, *entry.node});
  if (signal == LinkSignal::restored) events_.emplace_back(LinkRestored{id, *entry.node});
}

void LinkTable::watch(Now now, std::vector<NodeId> nodes) {
  if (watched_ == nodes) return;
  watched_ = std::move(nodes);
  for (auto& [id, entry] : entries_) {
    if (!entry->node || !entry->link) continue;
    entry->link->set_watched(is_watched(*entry->node), now.monotonic);
    if (entry->state == State::connected) set_timer(id, *entry, entry->link->next_deadline());
  }
}

bool LinkTable::is_watched(const NodeId& node) const {
  return !watched_ || std::ranges::find(*watched_, node) != watched_->end();
}

// --- what is to be done, and queries ---

std::optional<LinkAction> LinkTable::poll_action() {
  if (actions_.empty()) return std::nullopt;
  return actions_.take_front();
}

std::optional<LinkEvent> LinkTable::poll_event() {
  if (events_.empty()) return std::nullopt;
  return events_.take_front();
}

std::optional<Bytes> LinkTable::poll_stranded() {
  if (stranded_.empty()) return std::nullopt;
  return stranded_.take_front();
}

void LinkTable::prefetch() const {
  carillon::prefetch(entries_.data(), entries_.size() * sizeof entries_.front());
  carillon::prefetch(connection_table_.data(),
                     connection_table_.size() * sizeof connection_table_.front());
}

void LinkTable::prefetch(LinkId link) const {
  if (link != LinkId::none) return carillon::prefetch(find_entry(link), sizeof(Entry));
  if (!watched_) return;
  for (const NodeId& node : *watched_) {
    if (const auto to = find(node)) carillon::prefetch(find_entry(*to), sizeof(Entry));
  }
}

LinkTable::Entry* LinkTable::find_entry(LinkId id) {
  const auto found = place_of(entries_, id);
  return is_at(entries_, found, id) ? found->second.get() : nullptr;
}

const LinkTable::Entry* LinkTable::find_entry(LinkId id) const {
  const auto found = place_of(entries_, id);
  return is_at(entries_, found, id) ? found->second.get() : nullptr;
}

std::optional<LinkId> LinkTable::find(const NodeId& node) const {
  const auto found = place_of(connection_table_, node);
  if (!is_at(connection_table_, found, node)) return std::nullopt;
  return found->second;
}

std::optional<NodeId> LinkTable::node_of(LinkId link) const {
  const Entry* entry = find_entry(link);
  return entry == nullptr ? std::nullopt : entry->node;
}

const link::Link* LinkTable::link(LinkId link) const {
  const Entry* entry = find_entry(link);
  return entry == nullptr || !entry->link ? nullptr : &*entry->link;
}

/// The overlay's limits may change; links that are connected keep those that they started with.
const std::shared_ptr<const link::LinkOptions>& LinkTable::link_options() {
  if (!link_options_ || *link_options_ != options_.link) {
    link_options_ = std::make_shared<const link::LinkOptions>(options_.link);
  }
  return link_options_;
}

std::vector<NodeId> LinkTable::connected_nodes() const {
  std::vector<NodeId> nodes;
  nodes.reserve(connection_table_.size());
  for (const auto& [node, link] : connection_table_)
    nodes.push_back(node);
  return nodes;
}

}  // namespace carillon::forwarding
