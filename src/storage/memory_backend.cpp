#include "storage/memory_backend.hpp"

#include <algorithm>

namespace carillon::storage {

bool MemoryBackend::Less::operator()(ByteView left, ByteView right) const {
  return std::ranges::lexicographical_compare(left, right);
}

Result<std::optional<ByteView>> MemoryBackend::get(ByteView key) {
  if (unreadable_) return fail(ErrorCode::corrupt, "storage", "the file is damaged");
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return ByteView{found->second};
}

Result<void> MemoryBackend::scan(ByteView from, const Visitor& visit) {
  if (unreadable_) return fail(ErrorCode::corrupt, "storage", "the file is damaged");
  for (auto at = entries_.lower_bound(from); at != entries_.end(); ++at) {
    if (visit(at->first, at->second) == Scan::stop) break;
  }
  return {};
}

Result<void> MemoryBackend::apply(WriteBatch batch) {
  for (const auto& operation : batch.operations()) {
    if (operation.key.size() > max_key_size ||
        (operation.value && operation.value->size() > max_value_size)) {
      return fail(ErrorCode::too_large, "storage", "a key or value is too large");
    }
  }
  if (batch.size_octets() > capacity_ - std::min(capacity_, octets_)) {
    return fail(ErrorCode::disk_full, "storage", "no room left");
  }
  for (const auto& operation : batch.operations()) {
    remember(operation.key);
    put(operation.key, operation.value);
  }
  return {};
}

Result<void> MemoryBackend::sync() {
  ++syncs_;
  if (failing_syncs_ > 0) {
    --failing_syncs_;
    crash();
    return fail(ErrorCode::disk_full, "storage", "no room left");
  }
  before_.clear();
  return {};
}

void MemoryBackend::crash() {
  auto before = std::move(before_);
  before_.clear();
  for (const auto& [key, value] : before)
    put(key, value);
}

Result<void> MemoryBackend::damage(ByteView key, std::size_t offset, std::uint8_t mask) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || offset >= found->second.size()) {
    return fail(ErrorCode::not_found, "storage", "no such octet to damage");
  }
  found->second[offset] = static_cast<std::uint8_t>(found->second[offset] ^ mask);
  return {};
}

void MemoryBackend::remember(const Bytes& key) {
  if (before_.contains(key)) return;
  const auto found = entries_.find(key);
  before_.emplace(key, found == entries_.end() ? std::nullopt : std::optional{found->second});
}

void MemoryBackend::put(const Bytes& key, const std::optional<Bytes>& value) {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    octets_ -= found->first.size() + found->second.size();
    entries_.erase(found);
  }
  if (!value) return;
  octets_ += key.size() + value->size();
  entries_.emplace(key, *value);
}

}  // namespace carillon::storage
