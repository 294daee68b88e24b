#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/fifo.hpp"
#include "peer/paced_work.hpp"
#include "storage/storage_types.hpp"
#include "transport/request_handler.hpp"
#include "wire/store.hpp"

namespace carillon::peer {

class PeerCore;

/// Bundles wait here for their turn (docs/decisions/0020-joining-in-two-steps.md). A member serves
/// phones, and to verify what a bundle brings keeps it busy for a while: so it takes a little of
/// one at a time, and rests in between. A sync holds it up for longer than that: bundles share one
/// if several wait. Answers are late by all this, and who sends has no more than a few unanswered:
/// that is what bounds the rate. Who is only joining takes them as they come, and syncs seldom: its
/// disk may be the one of others, too.
class BundleIntake {
 public:
  static constexpr std::size_t max_waiting = 256;  ///< More are `busy`.
  static constexpr std::size_t parts_per_spell = 2;
  static constexpr std::size_t max_unsynced = 2;  ///< Bundles that have one sync together.
  static constexpr std::size_t max_unsynced_joining = 96;
  static constexpr milliseconds lull{20};  ///< Nothing has come for so long: sync what has.

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
    std::size_t taken{0};          ///< Of the parts.
    storage::Answer<void> good{};  ///< So far: the first error.
  };

  [[nodiscard]] bool take_some(std::size_t parts);
  void sync_if_due();
  void answer(const Bundle& bundle);

  PeerCore& core_;
  Fifo<std::shared_ptr<Bundle>> waiting_;  ///< The first is perhaps taken in part.
  std::size_t unsynced_{0};                ///< Bundles that are taken, and not answered yet.
  PacedWork work_;
  Timer lull_;
};

}  // namespace carillon::peer
