#include "app/stored_counter.hpp"

#include <utility>

#include "storage/keys.hpp"

namespace carillon::app {

const std::optional<StoredCounter::Counts>& StoredCounter::ask() {
  if (!fresh_) start();
  return last_;
}

void StoredCounter::start() {
  fresh_ = true;
  counting_.clear();
  // Every record has one index key, and the index is sorted by Kind (storage/keys.hpp).
  position_ = storage::keys::index(KindId{}, ResourceId{Bytes(storage::keys::resource_size)});
  count_slice();
}

void StoredCounter::count_slice() {
  std::size_t seen = 0;
  bool more = false;
  const auto scanned = backend_.scan(position_, [&](ByteView key, ByteView) {
    const auto record = storage::keys::parse_index(key);
    if (!record) return storage::Scan::stop;
    if (seen == keys_per_slice) {
      position_ = to_bytes(key);
      more = true;
      return storage::Scan::stop;
    }
    ++seen;
    ++counting_[record->kind];
    return storage::Scan::next;
  });
  const bool unfinished = scanned && more;
  if (scanned && !more) last_ = std::exchange(counting_, {});
  timer_.expires_after(unfinished ? slice_pause : good_for);
  timer_.async_wait([this, unfinished](const auto& error) {
    if (error) return;
    if (unfinished) return count_slice();
    fresh_ = false;
  });
}

}  // namespace carillon::app
