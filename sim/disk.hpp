#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "sim/random.hpp"
#include "storage/memory_backend.hpp"

namespace carillon::sim {

/// Told what is written, at once: where copies of a value lie is known without asking around.
class DiskObserver {
 public:
  virtual ~DiskObserver() = default;
  /// A record was written, or, without a value, erased. `key` is Storage's (storage/keys.hpp).
  virtual void handle_write(std::uint32_t host, ByteView key, std::optional<ByteView> value) = 0;
  /// A sync has failed: what was written since the last good one is gone.
  virtual void handle_lost_writes(std::uint32_t host) = 0;
};

/// A host's disk: outlives the peers on it, loses unsynced writes in a crash, may fill or fail, or
/// come back as it was a while ago.
class Disk final : public storage::StorageBackend {
 public:
  Disk(std::uint32_t host, DiskObserver& observer) : host_(host), observer_(observer) {}

  [[nodiscard]] Result<std::optional<ByteView>> get(ByteView key) override;
  [[nodiscard]] Result<void> scan(ByteView from, const Visitor& visit) override;
  [[nodiscard]] Result<void> apply(storage::WriteBatch batch) override;
  [[nodiscard]] Result<void> sync() override;

  void set_capacity(std::size_t octets) { content_.set_capacity(octets); }
  /// From now on this share of syncs fails, and loses what it should have kept.
  void fail_syncs(double share, Random& random) {
    failing_share_ = share;
    random_ = &random;
  }
  void crash() { content_.crash(); }
  void clear() { content_ = {}; }
  /// Keeps the present, synced state for `go_back`.
  void take_snapshot() { snapshot_ = content_; }
  /// As after restoring an old backup; false if there is none.
  bool go_back();

 private:
  std::uint32_t host_;
  DiskObserver& observer_;
  storage::MemoryBackend content_;
  std::optional<storage::MemoryBackend> snapshot_;
  double failing_share_{0};
  Random* random_{nullptr};
};

}  // namespace carillon::sim
