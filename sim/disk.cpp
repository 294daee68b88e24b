#include "sim/disk.hpp"

namespace carillon::sim {

Result<std::optional<ByteView>> Disk::get(ByteView key) {
  return content_.get(key);
}

Result<void> Disk::scan(ByteView from, const Visitor& visit) {
  return content_.scan(from, visit);
}

Result<void> Disk::apply(storage::WriteBatch batch) {
  auto done = content_.apply(batch);
  if (!done) return done;
  for (const auto& operation : batch.operations()) {
    observer_.handle_write(
        host_, operation.key,
        operation.value ? std::optional<ByteView>{*operation.value} : std::nullopt);
  }
  return done;
}

Result<void> Disk::sync() {
  if (random_ != nullptr && happens(*random_, failing_share_)) content_.fail_next_syncs(1);
  auto done = content_.sync();
  if (!done) observer_.handle_lost_writes(host_);
  return done;
}

bool Disk::go_back() {
  if (!snapshot_) return false;
  content_ = *snapshot_;
  return true;
}

}  // namespace carillon::sim
