#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include <carillon/overlay.hpp>

#include "base/notice.hpp"
#include "base/random.hpp"
#include "base/timer_queue.hpp"
#include "sip/location_service.hpp"

namespace carillon::usage {

struct LocationOptions {
  /// After the ring has changed: pause before the first look, and looks a second.
  milliseconds settle{2'000};
  unsigned republish_per_second{200};
  unsigned republish_at_once{32};
  /// A value that is still there is put back all the same if less than this part of its lifetime,
  /// in hundredths, is left.
  unsigned renew_below_percent{25};
};

struct LocationCounters {
  std::uint64_t published{};
  std::uint64_t looked_up{};
  std::uint64_t checked{};      ///< Values looked at after a change of the ring,
  std::uint64_t republished{};  ///< and those of them that had to be put back.
  std::uint64_t unreadable{};   ///< Contact lists of other peers that could not be read.
};

/// Where the phones are, kept in the overlay (DESIGN.md, 'What is stored for an AOR').
///
/// Publishes this peer's own entry as SIP-REGISTRATION (RFC 7904) and carillon_contacts in one
/// atomic Store; merges the entries of all serving peers on lookup. After a change of the ring it
/// looks, at a bounded rate, whether what it has published is still there, and puts it back. It
/// remembers nothing per AOR: what was published is known to `OwnBindings`.
class OverlayLocationService final : public sip::LocationService {
 public:
  /// What is referred to must outlive this. `timers` is run by whoever calls `handle_time`.
  OverlayLocationService(Overlay& overlay, TimerQueue& timers, LocationOptions options = {},
                         NoticeSink notices = {});
  ~OverlayLocationService() override;
  OverlayLocationService(const OverlayLocationService&) = delete;
  OverlayLocationService& operator=(const OverlayLocationService&) = delete;

  /// Whose entries are put back; the SipCore, which is made after this.
  void set_own_bindings(const sip::OwnBindings& own) { own_ = &own; }
  /// Call before other input.
  void handle_time(Now now) { now_ = now; }

  void publish(std::string aor, sip::OwnEntry entry, seconds lifetime,
               sip::Handler<void> done) override;
  void lookup(std::string aor, sip::Handler<std::vector<sip::LocatedBinding>> done) override;

  /// For leaving: removes every entry that this peer has published, at a bounded rate; runs `done`
  /// when all are gone, or with the first error after trying all. Afterwards nothing is put back.
  void withdraw(sip::Handler<void> done);

  [[nodiscard]] const LocationCounters& counters() const { return counters_; }
  /// Entries still to be looked at after a change of the ring.
  [[nodiscard]] std::size_t to_be_checked() const { return to_check_.size(); }

 private:
  void ring_changed();
  void start_check(Now now);
  void check_some(Now now);
  void check(const std::string& aor);
  void checked(const std::string& aor, Result<LookupReport> found);
  void withdraw_some();

  Overlay& overlay_;
  TimerQueue& timers_;
  LocationOptions options_;
  NoticeSink notices_;
  const sip::OwnBindings* own_{nullptr};
  Now now_{};
  TimerId timer_{TimerId::none};
  std::deque<std::string> to_check_;
  unsigned under_way_{0};
  bool changed_again_{false};
  bool withdrawing_{false};
  Result<void> withdrawn_{};
  sip::Handler<void> withdraw_done_{};
  LocationCounters counters_;
};

}  // namespace carillon::usage
