#pragma once

#include <map>
#include <set>
#include <string>

#include "peer/peer_status.hpp"
#include "peer/timer.hpp"

namespace carillon::peer {

class PeerCore;

/// Compares our wall clock with others': a peer whose clock is wrong takes values for ones of the
/// future, or its own look old, or it refuses others' certificates; and nobody would know why. The
/// time in a Ping's answer (RFC 6940, 6.5.3.2) tells, as in NTP: our time when half of the way
/// there and back has passed, against theirs. Who has not been let into the ring after some seconds
/// asks at once, a member after a minute and then now and then; a few others at most.
class ClockWatch {
 public:
  /// More is wrong. Ping answers that take seconds are not believed; machines with NTP are within
  /// milliseconds.
  static constexpr milliseconds tolerated{10'000};
  /// So many others are a good sample.
  static constexpr std::size_t sample{5};
  static constexpr milliseconds first_of_newcomer{5'000};
  static constexpr milliseconds first_of_member{55'000};  ///< On top of that.
  static constexpr milliseconds again_after{10 * 60'000};
  /// An answer that took longer says too little.
  static constexpr milliseconds slowest_answer{5'000};

  explicit ClockWatch(PeerCore& core);

  void handle_link_up();
  void handle_link_down(const NodeId& node);

  [[nodiscard]] ClockStatus status() const;
  /// "; our clock is 3600 s behind the others'", or nothing if it is right as far as we know.
  [[nodiscard]] std::string remark() const;
  void stop() { again_.cancel(); }

 private:
  void ask(const NodeId& node);
  void ask_all();
  void measured(const NodeId& node, milliseconds ahead);
  void judge();

  PeerCore& core_;
  std::map<NodeId, milliseconds> ahead_;  ///< By how much the clocks of others are ahead of ours.
  std::set<NodeId> asked_;                ///< In the last round, and still connected.
  bool told_{false};
  Timer again_;
};

}  // namespace carillon::peer
