#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/event_queue.hpp"
#include "sim/hop_meter.hpp"
#include "sim/host.hpp"
#include "sim/membership.hpp"
#include "sim/network.hpp"
#include "sim/population.hpp"
#include "sim/settings.hpp"
#include "sim/trace.hpp"

namespace carillon::sim {

/// Told when peers come and go.
class WorldObserver {
 public:
  virtual ~WorldObserver() = default;
  /// Its peer begins to join.
  virtual void handle_started(Host& host) = 0;
  virtual void handle_joined(Host& host) = 0;
  /// It crashes, or has left; its disk still has everything.
  virtual void handle_gone(Host& host) = 0;
};

/// All hosts and what lies between them, under virtual time: the driver of Peer's contract. The
/// peers are those that ship; everything here is what they would find outside.
class World {
 public:
  using Action = std::move_only_function<void()>;
  using Duration = MonotonicClock::duration;

  World(const Settings& settings, std::uint64_t seed, std::size_t expected_peers, Trace& trace,
        DiskObserver& disks);
  ~World();
  void observe(WorldObserver& observer) { observer_ = &observer; }

  // --- Time.

  [[nodiscard]] MonotonicTime now() const { return now_; }
  void after(Duration delay, Action action);
  /// The next event, if it comes by `limit`.
  bool step(MonotonicTime limit);
  void run_for(Duration how_long);
  /// Until `condition` holds, looking now and then; false if it does not within `limit`.
  bool run_until(const std::function<bool()>& condition, Duration limit);

  // --- Hosts.

  /// A new machine, with a Node-ID as enrollment gives it.
  Host& add_host();
  /// Starts a peer, which joins by some that are there.
  void start(Host& host);
  /// kill -9: unsynced writes are lost, the kernel closes the connections.
  void kill(Host& host);
  /// Nobody is told.
  void power_off(Host& host);
  /// SIGTERM.
  void leave(Host& host);
  /// Input for a peer, as a whole turn.
  template <typename Input>
  void turn(Host& host, Input&& input) {
    begin_turn(host);
    std::forward<Input>(input)(*host.peer);
    end_turn(host);
  }

  [[nodiscard]] std::vector<std::unique_ptr<Host>>& hosts() { return hosts_; }
  [[nodiscard]] Host& host(HostIndex index) { return *hosts_[index]; }
  using Ring = Membership::Ring;
  [[nodiscard]] const Membership& membership() const { return membership_; }
  [[nodiscard]] const Ring& ring() const { return membership_.ring(); }
  /// Peers that are on their way in or out.
  [[nodiscard]] std::size_t in_transit() const { return joining_.size(); }
  [[nodiscard]] Host& random_member() { return membership_.random_member(random_); }
  [[nodiscard]] Host* random_stayer() { return membership_.random_stayer(random_); }
  /// Everything is settled next to it, as far as time can tell.
  [[nodiscard]] bool is_settled(const Host& host) const { return now_ >= host.unsettled_until; }
  /// Something happened to the network of all.
  void unsettle_all();
  /// Whether a table may name it although it is no member: it may be admitted, and not know it yet.
  [[nodiscard]] bool is_joining(const NodeId& id) const { return joining_.contains(id); }

  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] Population& population() { return population_; }
  [[nodiscard]] HopMeter& hops() { return hops_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] Trace& trace() { return trace_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] std::uint64_t events() const { return events_run_; }
  [[nodiscard]] std::size_t events_waiting() const { return events_.size(); }
  [[nodiscard]] std::uint64_t failed_joins() const { return failed_joins_; }

 private:
  void look_ahead() const;
  void begin_turn(Host& host);
  void end_turn(Host& host);
  void carry_out(Host& host, peer::LinkAction action);
  void send_hostile(Host& host, peer::SendBytes send);
  void schedule_wake(Host& host);
  void run(Event event);
  void wake(const Event& event);
  void deliver(Event event);
  void connect(const Event& event);
  void handle_close(const Event& event);
  void become_member(Host& host);
  void take_out(Host& host);
  void unsettle_around(const NodeId& place);
  void handle_left(Host& host, std::uint32_t life);
  [[nodiscard]] peer::PeerOptions options_for(Host& host);

  const Settings& settings_;
  SmallRandom random_;
  Trace& trace_;
  DiskObserver& disks_;
  WorldObserver* observer_{nullptr};
  std::size_t expected_peers_;
  Population population_;

  MonotonicTime now_{start_time};
  EventQueue events_;
  std::uint64_t events_run_{0};
  std::vector<Action> calls_;
  std::vector<std::uint32_t> free_calls_;

  std::vector<std::unique_ptr<Host>> hosts_;
  Network network_;
  double rare_;
  HopMeter hops_;
  Membership membership_;
  std::set<NodeId> joining_;
  std::uint64_t failed_joins_{0};
};

}  // namespace carillon::sim
