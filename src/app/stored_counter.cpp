#include "app/stored_counter.hpp"

#include <utility>

#include "storage/keys.hpp"

namespace carillon::app {

const std::optional<StoredCounter::Counts>& StoredCounter::ask() {
  const auto age = std::chrono::steady_clock::now() - last_ended_;
  if (!running_ && (!last_ || age > good_for)) start();
  return last_;
}

void StoredCounter::count(Done done) {
  waiting_.push_back(std::move(done));
  if (!running_) start();
}

void StoredCounter::start() {
  running_ = true;
  answered_ = std::exchange(waiting_, {});
  counting_.clear();
  // Every record has one index key, and the index is sorted by Kind (storage/keys.hpp).
  position_ = storage::keys::index(KindId{}, ResourceId{Bytes(storage::keys::resource_size)});
  count_slice_after(milliseconds{0});
}

void StoredCounter::count_slice_after(milliseconds pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this](const auto& error) {
    if (!error) count_slice();
  });
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
  if (!scanned) return finish(std::unexpected(scanned.error()));
  if (!more) return finish(std::exchange(counting_, {}));
  count_slice_after(slice_pause);
}

void StoredCounter::finish(Result<Counts> counts) {
  running_ = false;
  if (counts) {
    last_ = *counts;
    last_ended_ = std::chrono::steady_clock::now();
  }
  for (const auto& done : std::exchange(answered_, {}))
    done(counts);
  if (!waiting_.empty() && !running_) start();
}

}  // namespace carillon::app
