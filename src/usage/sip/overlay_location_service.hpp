#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/notice.hpp"
#include "base/timer_queue.hpp"
#include "sip/location_service.hpp"
#include "usage/liveness.hpp"

namespace carillon::usage {

struct LocationOptions {
  /// Pause after the ring has changed before the first look: it seldom changes once.
  milliseconds settle{2'000};
  unsigned checks_per_second{200};
  unsigned at_once{32};  ///< Checks, or withdrawals, under way.
};

struct LocationCounters {
  std::uint64_t published{};
  std::uint64_t looked_up{};
  std::uint64_t checked{};      ///< Entries looked at after a change of the ring,
  std::uint64_t republished{};  ///< and those of them that had to be put back.
  std::uint64_t withdrawn{};
  std::uint64_t unreadable{};  ///< Contact lists of other peers that could not be read.
};

/// Where the phones are, kept in the overlay (DESIGN.md, 'What is stored for an AOR').
///
/// Publishes this peer's own entry as SIP-REGISTRATION (RFC 7904) and carillon_contacts in one
/// atomic Store; merges the entries of all serving peers on lookup, without a cache: a call must
/// find what was acknowledged. After a change of the ring it looks, at a bounded rate, whether
/// what it has published is still there, and puts it back. Between such checks it remembers
/// nothing per AOR: what was published is known to `OwnBindings`.
class OverlayLocationService final : public sip::LocationService {
 public:
  /// What is referred to must outlive this. `timers` is run by whoever calls `handle_time`.
  OverlayLocationService(Overlay& overlay, TimerQueue& timers, LocationOptions options = {},
                         NoticeSink notices = {});
  ~OverlayLocationService() override;
  OverlayLocationService(const OverlayLocationService&) = delete;
  OverlayLocationService& operator=(const OverlayLocationService&) = delete;

  /// Whose entries are put back: the SipCore, which is made after this.
  void set_own_bindings(const sip::OwnBindings& own) { own_ = &own; }
  /// Call before other input.
  void handle_time(Now now) { now_ = now; }

  void publish(std::string aor, sip::OwnEntry entry, seconds lifetime,
               sip::Handler<void> done) override;
  void lookup(std::string aor, sip::Handler<std::vector<sip::LocatedBinding>> done) override;

  /// For leaving: takes back the bindings that hang on a flow to this peer; those that any host
  /// can reach stay, good without us until they expire. Runs `done` when all is done, with the
  /// first error, if any. From now on nothing is put back. Call it once.
  void withdraw(sip::Handler<void> done);

  [[nodiscard]] const LocationCounters& counters() const { return counters_; }
  /// Entries still to be looked at, or to be taken back.
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

 private:
  static constexpr milliseconds tick{100};

  void ring_changed();
  void schedule(milliseconds pause);
  void check_some();
  void check(const std::string& aor);
  /// Is what was found what must be there? If not, puts it back.
  void compare(const std::string& aor, const Result<LookupReport>& found);
  void look_again(const std::string& aor);
  void withdraw_some();
  void store_entry(const std::string& aor, const sip::OwnEntry& entry, seconds lifetime,
                   sip::Handler<void> done);

  Overlay& overlay_;
  TimerQueue& timers_;
  LocationOptions options_;
  NoticeSink notices_;
  const sip::OwnBindings* own_{nullptr};
  Now now_{};
  TimerId timer_{TimerId::none};
  std::deque<std::string> queue_;
  std::unordered_set<std::string> publishing_;
  unsigned under_way_{0};
  unsigned withdrawals_{0};
  bool changed_again_{false};
  bool withdrawing_{false};
  Result<void> withdrawal_{};
  sip::Handler<void> withdraw_done_{};
  LocationCounters counters_;
  Liveness liveness_;
};

}  // namespace carillon::usage
