#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace carillon {

/// Remembers the `capacity` entries that were used last.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class BoundedCache {
 public:
  explicit BoundedCache(std::size_t capacity) : capacity_(capacity) {}

  /// The value, which counts as used now; null if it is not (or no longer) here. The pointer is
  /// valid until the next `put` or `erase`.
  [[nodiscard]] Value* get(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  /// Adds or replaces; forgets the entry that was not used for longest if there are too many.
  Value& put(const Key& key, Value value) {
    if (Value* present = get(key)) return *present = std::move(value);
    if (entries_.size() >= capacity_ && !entries_.empty()) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(value));
    index_.emplace(key, entries_.begin());
    return entries_.front().second;
  }

  void erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  using Entry = std::pair<Key, Value>;
  std::size_t capacity_;
  std::list<Entry> entries_;  ///< Used last comes first.
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> index_;
};

/// For keys that are digests already: their first octets are as good as any hash of them.
struct DigestHash {
  template <typename Digest>
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = (value << 8) | digest[i];
    return value;
  }
};

}  // namespace carillon
