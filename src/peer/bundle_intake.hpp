#pragma once

#include <cstddef>
#include <vector>

#include "base/fifo.hpp"
#include "peer/timer.hpp"
#include "transport/request_handler.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

class PeerCore;

/// Bundles wait here for their turn (docs/decisions/0020-joining-in-two-steps.md). A member serves
/// phones, and a bundle keeps it busy for a while: so it takes one at a time, and then rests at
/// least as long as that took it (longer if the processor is busy with others). Answers are
/// late by that, and who sends has no more than a few unanswered: that is what bounds the rate.
/// Who is only joining takes them as they come.
class BundleIntake {
 public:
  static constexpr std::size_t max_waiting = 256;  ///< More are `busy`.
  static constexpr int rest_for_work = 1;          ///< So many times what the bundle took.

  explicit BundleIntake(PeerCore& core);

  void add(Now now, std::vector<wire::StoreReq> parts, transport::IncomingRequest message,
           transport::ResponseToken token);
  void stop();
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Bundle {
    std::vector<wire::StoreReq> parts{};
    transport::IncomingRequest message{};
    transport::ResponseToken token{};
  };

  void take_next();
  void rest(MonotonicClock::duration worked);

  PeerCore& core_;
  Fifo<Bundle> waiting_;
  Timer pause_;
};

}  // namespace carillon::peer
