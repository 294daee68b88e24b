#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include <carillon/ids.hpp>

#include "link/address_port.hpp"
#include "peer/timer.hpp"

namespace carillon::peer {

class PeerCore;

/// Finds lost peers again, and parts of the ring that were cut off: connects to neighbors whose
/// link broke (RFC 6940, 10.7.1), and looks through bootstrap nodes whether another peer stands
/// where our successor should (10.7.4.4). Two joined peers that are connected tell each other
/// their neighbors, and the rings grow together.
class Reconnecting {
 public:
  explicit Reconnecting(PeerCore& core);

  void start();
  void stop();
  void handle_link_up(const NodeId& node);
  void handle_link_down(const NodeId& node, bool was_neighbor);
  /// It said goodbye: do not call it back.
  void handle_goodbye(const NodeId& node) { lost_.erase(node); }
  /// Nobody is left: look around more often.
  void handle_overlay_lost();

 private:
  static constexpr std::size_t max_lost = 32;
  static constexpr milliseconds lonely_interval{3'000};

  struct Lost {
    explicit Lost(TimerQueue& timers) : timer(timers) {}
    unsigned attempts{0};
    Timer timer;
  };
  void schedule(const NodeId& node, Lost& lost);
  void try_again(const NodeId& node);
  void set_partition_timer();
  void look_for_partition();
  void handle_bootstrap_found(const NodeId& node);

  PeerCore& core_;
  std::map<NodeId, std::unique_ptr<Lost>> lost_;
  Timer partition_timer_;
  std::size_t next_address_{0};
  bool running_{false};
};

}  // namespace carillon::peer
