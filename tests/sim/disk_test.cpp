#include "sim/disk.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace carillon::sim {
namespace {

struct Counting final : DiskObserver {
  void handle_write(std::uint32_t, ByteView, std::optional<ByteView>) override { ++writes; }
  void handle_lost_writes(std::uint32_t) override { ++losses; }
  int writes{0};
  int losses{0};
};

void put(Disk& disk, const std::string& key, const std::string& value) {
  storage::WriteBatch batch;
  batch.put(to_bytes(as_bytes(key)), to_bytes(as_bytes(value)));
  ASSERT_TRUE(disk.apply(std::move(batch)));
}

bool has(Disk& disk, const std::string& key) {
  return disk.get(as_bytes(key)).value().has_value();
}

TEST(Disk, LosesInACrashWhatWasNotSynced) {
  Counting observer;
  Disk disk{0, observer};
  put(disk, "kept", "1");
  ASSERT_TRUE(disk.sync());
  put(disk, "lost", "1");
  disk.crash();
  EXPECT_TRUE(has(disk, "kept"));
  EXPECT_FALSE(has(disk, "lost"));
  EXPECT_EQ(observer.writes, 2);
}

TEST(Disk, ComesBackAsItWasAWhileAgo) {
  Counting observer;
  Disk disk{0, observer};
  EXPECT_FALSE(disk.go_back());
  put(disk, "old", "1");
  ASSERT_TRUE(disk.sync());
  disk.take_snapshot();
  put(disk, "new", "1");
  ASSERT_TRUE(disk.sync());
  EXPECT_TRUE(disk.go_back());
  EXPECT_TRUE(has(disk, "old"));
  EXPECT_FALSE(has(disk, "new"));
}

TEST(Disk, ASyncMayFailAndTellsOfWhatIsLost) {
  Counting observer;
  Disk disk{0, observer};
  SmallRandom random{1};
  disk.fail_syncs(1, random);
  put(disk, "lost", "1");
  EXPECT_FALSE(disk.sync());
  EXPECT_FALSE(has(disk, "lost"));
  EXPECT_EQ(observer.losses, 1);
}

}  // namespace
}  // namespace carillon::sim
