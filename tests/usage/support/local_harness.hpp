#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/timer_queue.hpp"
#include "config/document_writer.hpp"
#include "storage/memory_backend.hpp"
#include "usage/local/local_overlay.hpp"

namespace carillon::usage::test {

inline constexpr WallTime start_time{milliseconds{1'800'000'000'000}};
inline const std::string alice = "alice@example.org";

inline NodeId node(std::uint8_t number) {
  NodeId::Octets octets{};
  octets.fill(number);
  return NodeId{octets};
}

/// The Kinds of a new overlay (`carillon overlay create`).
inline storage::KindTable default_kind_table() {
  config::OverlayConfiguration configuration;
  configuration.instance_name = "example.org";
  configuration.kinds = config::default_kinds();
  return storage::KindTable{configuration};
}

/// A local overlay under virtual time, and the timers of what uses it.
class LocalHarness {
 public:
  LocalHarness() {
    overlay_->handle_time(now_);
    overlay_->join([](Result<void> joined) { ASSERT_TRUE(joined); });
    settle();
  }

  [[nodiscard]] std::size_t nodes() const { return 1; }
  [[nodiscard]] WallTime now() const { return now_.wall; }
  [[nodiscard]] Now time() const { return now_; }
  void call(std::size_t /*node*/, const std::function<void(Overlay&)>& use) {
    overlay_->handle_time(now_);
    use(*overlay_);
  }
  /// In steps of a second at most.
  bool run_until(const std::function<bool()>& condition, milliseconds limit) {
    const auto end = now_.monotonic + limit;
    while (true) {
      settle();
      if (condition()) return true;
      if (now_.monotonic >= end) return false;
      auto next = std::min<MonotonicTime>(now_.monotonic + seconds{1}, end);
      if (const auto deadline = timers.next_deadline(); deadline && *deadline > now_.monotonic) {
        next = std::min(next, *deadline);
      }
      advance(std::chrono::ceil<milliseconds>(next - now_.monotonic));
    }
  }
  void run_for(milliseconds time) {
    const auto end = now_.monotonic + time;
    run_until([&] { return now_.monotonic >= end; }, time);
  }
  /// Everything that is due, without time passing.
  void settle() {
    for (int round = 0; round < 1000; ++round) {
      timers.run_due(now_);
      if (overlay_->next_deadline() > now_.monotonic && !timer_due()) break;
      overlay_->run_completions();
    }
  }

  [[nodiscard]] LocalOverlay& overlay() { return *overlay_; }
  void on_time(std::function<void(Now)> listener) {
    listener(now_);
    listeners_.push_back(std::move(listener));
  }

  storage::MemoryBackend backend;
  TimerQueue timers;

 private:
  [[nodiscard]] bool timer_due() const {
    const auto deadline = timers.next_deadline();
    return deadline && *deadline <= now_.monotonic;
  }
  void advance(milliseconds step) {
    now_.monotonic += step;
    now_.wall += step;
    overlay_->handle_time(now_);
    for (auto& listener : listeners_)
      listener(now_);
  }

  Now now_{MonotonicTime{seconds{1}}, start_time};
  std::unique_ptr<LocalOverlay> overlay_ =
      std::make_unique<LocalOverlay>(node(1), backend, default_kind_table());
  std::vector<std::function<void(Now)>> listeners_;
};

}  // namespace carillon::usage::test
