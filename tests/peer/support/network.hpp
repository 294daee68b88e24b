#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/test_document.hpp"
#include "peer/peer.hpp"
#include "storage/memory_backend.hpp"

namespace carillon::peer {

class Network;

/// One machine: a disk that outlives its peers, an address, and perhaps a running peer.
struct Host {
  Host(std::size_t index_, const NodeId& node_id_, security::Identity::Pem pem_, Bytes certificate)
      : index(index_), node_id(node_id_), pem(std::move(pem_)), chain{std::move(certificate)} {}

  std::size_t index;
  NodeId node_id;
  security::Identity::Pem pem;  ///< Its files.
  std::vector<Bytes> chain;     ///< What it shows in a TLS handshake.
  AddressPort address{"192.0.2." + std::to_string(index + 1), 6084};
  PeerOptions options{};
  storage::MemoryBackend disk;
  SeededRandom random{1000 + index};
  std::unique_ptr<Peer> peer;
  std::vector<std::string> log;
  unsigned ring_changes{0};
  milliseconds clock_ahead{0};    ///< Its wall clock's error.
  bool silent{false};             ///< Nothing comes in or goes out any more, and nobody is told.
  std::set<std::size_t> cut_off;  ///< Hosts that it cannot reach.
  std::optional<MonotonicTime> wake_at{};

  [[nodiscard]] NodeId id() const { return node_id; }
  [[nodiscard]] bool is_up() const { return peer != nullptr; }
  [[nodiscard]] bool has_joined() const { return is_up() && peer->state() == PeerState::joined; }
};

/// Many peers in one process under virtual time: carries what they send, with latency, in order;
/// plays crashes, silent hosts, broken links and partitions. The driver of Peer's contract.
class Network {
 public:
  explicit Network(std::uint64_t seed = 1);
  ~Network();

  /// A new machine with a certificate of the overlay; the peer is not started.
  Host& add_host();
  /// The same with a chosen Node-ID.
  Host& add_host(const NodeId& id);
  /// With a certificate of another overlay.
  Host& add_host(const NodeId& id, security::TestOverlay& overlay);
  /// Starts a peer on it: the first one ever with `first`, the others through the first that is up.
  void start(Host& host);
  void start(Host& host, PeerOptions options);
  /// Starts and waits until it has joined. Fails the test if it does not.
  void join(Host& host);
  /// A ring of that many peers, joined one after the other.
  static std::unique_ptr<Network> ring(std::size_t peers, std::uint64_t seed = 1);

  /// kill -9: the process is gone, unsynced writes are lost, the kernel closes its connections.
  void kill(Host& host);
  /// Power off: nobody is told.
  void silence(Host& host);
  void break_links(Host& a, Host& b);
  /// Cuts every connection between the two groups, silently.
  void partition(const std::set<std::size_t>& one_side);
  void heal();

  void run_for(milliseconds how_long);
  /// Until `condition` holds after some event; false if it does not within `limit`.
  bool run_until(const std::function<bool()>& condition, milliseconds limit);
  /// Input for a peer, as a whole turn.
  void turn(Host& host, const std::function<void(Peer&)>& input = {});

  [[nodiscard]] Now now() const { return now_; }
  /// What that host takes for the time.
  [[nodiscard]] Now now_at(const Host& host) const {
    return {now_.monotonic, now_.wall + host.clock_ahead};
  }
  [[nodiscard]] std::vector<std::unique_ptr<Host>>& hosts() { return hosts_; }
  [[nodiscard]] Host& host(std::size_t index) { return *hosts_.at(index); }
  [[nodiscard]] std::vector<Host*> joined();
  /// The joined host that is responsible for a resource, by the Node-IDs of all that are up.
  [[nodiscard]] Host& responsible_for(const ResourceId& resource);
  /// The hosts that follow a host on the ring.
  [[nodiscard]] std::vector<Host*> ring_order(const NodeId& from);

  // Calls, waited for.
  Result<void> leave(Host& host, milliseconds limit = seconds{60});
  Result<StoreReport> store(Host& host, StoreRequest request, milliseconds limit = seconds{30});
  Result<std::vector<FoundValue>> lookup(Host& host, const std::string& name,
                                         std::vector<KindId> kinds,
                                         milliseconds limit = seconds{30});

  /// Every neighbor table is right, and the ranges cover the ring once. Empty if all is well.
  [[nodiscard]] std::string ring_fault();
  /// Runs until there is no fault.
  bool settle(milliseconds limit = seconds{30});

  /// Somebody who is not one of the hosts connects to one, with these certificates; what is sent
  /// to it goes to `receive`. LinkId::none: refused.
  LinkId connect_stranger(Host& host, std::vector<Bytes> chain, std::function<void(Bytes)> receive);
  /// Whether a host has closed the stranger's link.
  [[nodiscard]] bool has_closed(const Host& host, LinkId link) const;

  milliseconds latency{10};
  config::TestDocument document;
  std::uint64_t octets_carried{0};

 private:
  struct Event {
    MonotonicTime at{};
    std::uint64_t sequence{};
    std::function<void()> run;
    bool operator<(const Event& other) const {
      return std::pair{at, sequence} > std::pair{other.at, other.sequence};
    }
  };
  struct End {
    std::size_t host{};
    std::uint64_t life{};  ///< Of the peer on it; a restarted one has other connections.
    LinkId link{};
    auto operator<=>(const End&) const = default;
  };

  void after(MonotonicClock::duration delay, std::function<void()> run);
  bool step(MonotonicTime limit);
  void carry_out(Host& host, LinkAction action);
  void connect(Host& from, const OpenLink& action);
  [[nodiscard]] bool can_reach(const Host& from, const Host& to) const;
  [[nodiscard]] Host* alive(const End& end);
  void close_far_end(const End& near, const std::string& reason);
  void schedule_wake(Host& host);

  Now now_;
  SeededRandom random_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::vector<std::uint64_t> lives_;
  std::priority_queue<Event> events_;
  std::uint64_t last_sequence_{0};
  std::map<End, End> connections_;
  std::map<End, std::function<void(Bytes)>> strangers_;
};

/// A value of a user under carillon_credential, which is a single value under USER-MATCH.
[[nodiscard]] StoreRequest user_value(const std::string& user, const std::string& value);
[[nodiscard]] std::string text_of(const Result<std::vector<FoundValue>>& found);

}  // namespace carillon::peer
