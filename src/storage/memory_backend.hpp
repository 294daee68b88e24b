#pragma once

#include <map>
#include <string>

#include "storage/storage_backend.hpp"

namespace carillon::storage {

/// The table in memory: for tests, simulations and peers without a disk. It can play a crash, a
/// full disk and a damaged file.
class MemoryBackend final : public StorageBackend {
 public:
  [[nodiscard]] Result<std::optional<ByteView>> get(ByteView key) override;
  [[nodiscard]] Result<void> scan(ByteView from, const Visitor& visit) override;
  [[nodiscard]] Result<void> apply(WriteBatch batch) override;
  [[nodiscard]] Result<void> sync() override;

  /// What a power cut does: every write since the last sync is gone.
  void crash();
  /// The disk holds `octets` of keys and values; what goes beyond is `disk_full`.
  void set_capacity(std::size_t octets) { capacity_ = octets; }
  /// The next `count` syncs fail as a full disk does, and lose what they should have kept.
  void fail_next_syncs(unsigned count) { failing_syncs_ = count; }
  /// Flips the bits of `mask` in one octet of a stored value; `not_found` if there is none.
  [[nodiscard]] Result<void> damage(ByteView key, std::size_t offset, std::uint8_t mask);
  /// From now on every read is `corrupt`, as from a file that the disk no longer yields.
  void damage_all() { unreadable_ = true; }

  /// How many syncs there have been.
  [[nodiscard]] unsigned syncs() const { return syncs_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t size_octets() const { return octets_; }

 private:
  // Transparent: looked up by view, without making a key.
  struct Less {
    using is_transparent = void;
    bool operator()(ByteView left, ByteView right) const;
  };
  using Entries = std::map<Bytes, Bytes, Less>;

  void put(const Bytes& key, const std::optional<Bytes>& value);
  void remember(const Bytes& key);

  Entries entries_;
  /// What the keys written since the last sync held before.
  std::map<Bytes, std::optional<Bytes>, Less> before_;
  std::size_t octets_{0};
  std::size_t capacity_{static_cast<std::size_t>(-1)};
  unsigned failing_syncs_{0};
  unsigned syncs_{0};
  bool unreadable_{false};
};

}  // namespace carillon::storage
