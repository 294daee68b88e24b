#include "storage/memory_backend.hpp"

#include "storage/support/backend_suite.hpp"

namespace carillon::storage::test {
namespace {

struct InMemory {
  StorageBackend& backend() { return backend_; }
  void crash_and_reopen() { backend_.crash(); }
  MemoryBackend backend_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BackendSuite, InMemory);

TEST(MemoryBackendTest, AFullDiskRefusesABatchWhole) {
  MemoryBackend backend;
  backend.set_capacity(10);
  ASSERT_TRUE(backend.apply(puts({{"a", "1234"}})));
  const auto applied = backend.apply(puts({{"b", "1"}, {"c", "1234"}}));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::disk_full);
  EXPECT_EQ(contents(backend).size(), 1U);
}

TEST(MemoryBackendTest, AFailedSyncForgetsWhatItShouldHaveKept) {
  MemoryBackend backend;
  ASSERT_TRUE(backend.apply(puts({{"a", "1"}})));
  ASSERT_TRUE(backend.sync());
  backend.fail_next_syncs(1);
  ASSERT_TRUE(backend.apply(puts({{"a", "2"}})));
  ASSERT_FALSE(backend.sync());
  EXPECT_EQ(value_at(backend, "a"), octets("1"));
  EXPECT_TRUE(backend.sync());
}

TEST(MemoryBackendTest, DamageIsSeen) {
  MemoryBackend backend;
  ASSERT_TRUE(backend.apply(puts({{"a", "1"}})));
  ASSERT_TRUE(backend.damage(octets("a"), 0, 0x02));
  EXPECT_EQ(value_at(backend, "a"), octets("3"));
  backend.damage_all();
  const auto found = backend.get(octets("a"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace carillon::storage::test
