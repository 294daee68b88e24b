#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "peer/stray_offer.hpp"
#include "peer/timer.hpp"
#include "storage/ring_interval.hpp"
#include "transport/response.hpp"

namespace carillon::peer {

class PeerCore;

/// What we hold and others should (RFC 6940, 10.7.3: when three predecessors stand between us and a
/// resource). It is forgotten, but only what the responsible peer says it has in as new a form:
/// when two rings become one, whoever answered for a resource in one of them may stand far
/// away from who does now, and have the only copy of the newest value (found by the simulator).
class Strays {
 public:
  explicit Strays(PeerCore& core);

  void handle_ring_changed();
  /// For who is about to leave: offers everything, at once. `done` runs when all of it is safe, or
  /// when a few passes have failed: then with false.
  void hand_on(std::move_only_function<void(bool all_safe)> done);
  void stop();
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  /// After a change of the ring, before anything is offered; doubles with each pass that failed.
  static constexpr milliseconds first_offer{5'000};
  static constexpr milliseconds slice_pause{2};
  static constexpr unsigned max_doublings = 6;
  static constexpr unsigned passes_of_a_leaver = 3;
  static constexpr milliseconds pause_of_a_leaver{1'000};

  void start_after(milliseconds wait);
  void start_pass();
  void next_offer();
  void offer(std::vector<storage::ResourceDigest> held);
  void handle_answer(std::vector<storage::ResourceDigest> held,
                     std::expected<transport::Response, transport::RequestFailure> outcome);
  /// What was offered is safe, as far as the peer at `upto` is responsible for it.
  void confirm(std::vector<storage::ResourceDigest> held, const NodeId& upto);
  [[nodiscard]] bool may_drop() const;
  void drop(const std::vector<storage::ResourceDigest>& safe,
            const storage::RingInterval& interval);
  void skip_page();
  void go_on_after(const NodeId& place);
  void end_pass();
  void end_handing_on();
  [[nodiscard]] NodeId end_of_page() const;

  PeerCore& core_;
  Timer timer_;
  MonotonicTime changed_at_{};
  bool running_{false};
  bool again_{false};     ///< The ring has changed during this pass.
  bool all_safe_{false};  ///< Everything in this pass, so far.
  bool may_drop_{false};  ///< This pass came late enough to forget what is safe.
  unsigned failures_{0};
  std::move_only_function<void(bool)> handed_on_{};  ///< Set while a leaver hands on.
  storage::RingInterval rest_{};                     ///< What this pass has not come to yet.
  std::optional<ResourceId> page_next_{};  ///< Where the page after the present one starts.
  std::uint64_t dropped_{0};
};

}  // namespace carillon::peer
