#pragma once

#include <deque>

#include <carillon/overlay.hpp>

#include "base/random.hpp"
#include "base/time.hpp"
#include "storage/storage.hpp"

namespace carillon::usage {

/// An overlay of one node: the Storage of a RELOAD peer, with all its checks, but no network, no
/// replicas and no signatures. For programs on one machine, and for tests of what uses an Overlay.
///
/// Who the node acts for (StoreRequest::user) is believed, and the access policies are enforced
/// on it. Driven like a Peer: `handle_time` before other calls, `run_completions` after them, and
/// whenever `next_deadline` has come.
class LocalOverlay final : public Overlay {
 public:
  /// Records of one sweep of expired values, and the pause between two sweeps.
  static constexpr std::size_t records_per_sweep = 256;
  static constexpr milliseconds sweep_interval{10'000};
  /// Calls whose handlers wait to be run; more are refused with `busy`.
  static constexpr std::size_t max_waiting = 65'536;

  /// `backend` must outlive the overlay.
  LocalOverlay(NodeId node_id, storage::StorageBackend& backend, storage::KindTable kinds,
               NoticeSink notices = {});

  /// Looks whether the stored data can be read; `corrupt` or `io` if not. `join` does so, too.
  [[nodiscard]] Result<void> open();

  void handle_time(Now now);
  /// Makes everything durable, then runs the handlers of what is done; those that they call
  /// wait for the next time.
  void run_completions();
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  void join(Handler<void> done) override;
  void leave(Handler<void> done) override;
  void lookup(LookupRequest request, Handler<LookupReport> done) override;
  void lookup_at(ResourceId resource, std::vector<KindId> kinds,
                 Handler<LookupReport> done) override;
  void store(StoreRequest request, Handler<StoreReport> done) override;
  void find_next(ResourceId from, KindId kind, Handler<FindReport> done) override;
  /// Never runs: this ring does not change.
  void on_ring_change(std::move_only_function<void()> changed) override;
  [[nodiscard]] ResourceId resource_id(const std::string& resource_name) const override;
  [[nodiscard]] NodeId node_id() const override { return node_id_; }

 private:
  enum class State : std::uint8_t { idle, joined, left };
  /// Gets the outcome of the flush that came before it.
  using Completion = std::move_only_function<void(const Result<void>& flushed)>;

  /// `needs_flush`: what was done counts only once it is durable.
  template <typename T>
  void complete(Handler<T> done, Result<T> result, bool needs_flush = false);
  [[nodiscard]] Result<void> check_joined() const;
  [[nodiscard]] Result<StoreReport> store_now(StoreRequest& request);
  [[nodiscard]] Result<LookupReport> look_up_now(const ResourceId& resource,
                                                 const std::vector<KindId>& kinds);
  [[nodiscard]] std::uint64_t next_storage_time();
  void sweep();

  NodeId node_id_;
  storage::Storage storage_;
  State state_{State::idle};
  Now now_{};
  std::optional<MonotonicTime> next_sweep_{};
  std::uint64_t last_storage_time_{0};
  bool unsynced_{false};
  std::deque<Completion> completions_;
};

}  // namespace carillon::usage
