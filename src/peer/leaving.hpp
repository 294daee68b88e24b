#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <carillon/overlay.hpp>

#include "peer/timer.hpp"
#include "transport/request_handler.hpp"

namespace carillon::peer {

class PeerCore;

/// The way out (DESIGN.md, 'Leaving'; RFC 6940, 10.9): make sure that the peers that will answer
/// for our data have all of it, say goodbye, close. A leaver goes on answering until the goodbye.
class Leaving {
 public:
  using Done = Overlay::Handler<void>;

  explicit Leaving(PeerCore& core);

  void start(Done done);
  /// Our range or our successors are others: hand over again what is new.
  void handle_ring_changed();
  void handle_leave(Now now, const transport::IncomingRequest& request,
                    transport::ResponseToken token);
  [[nodiscard]] bool is_under_way() const { return step_ != Step::idle && step_ != Step::done; }

 private:
  enum class Step : std::uint8_t {
    idle,
    handing_over,  ///< Of what we answer for, to those who will.
    handing_on,    ///< Of what others answer for (Strays).
    saying_goodbye,
    done,
  };

  static constexpr milliseconds retry_pause{200};

  void hand_over();
  void handle_handed_over(const NodeId& heir, Result<void> result);
  void hand_on_strays();
  [[nodiscard]] bool is_handing() const {
    return step_ == Step::handing_over || step_ == Step::handing_on;
  }
  void say_goodbye();
  void handle_goodbye_answer();
  void finish();

  PeerCore& core_;
  std::vector<Done> done_;
  Step step_{Step::idle};
  std::set<NodeId> heirs_;  ///< Whose copy is not confirmed yet.
  std::size_t goodbyes_{0};
  Result<void> result_{};
  Timer deadline_;
  Timer retry_;
};

}  // namespace carillon::peer
