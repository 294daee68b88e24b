#pragma once

// What every StorageBackend must do. A backend's tests derive a Backends type, with
//   StorageBackend& backend();          // empty at first
//   void crash_and_reopen();            // drops what was not synced
// and instantiate the suite with it.

#include <gmock/gmock.h>

#include "base/random.hpp"
#include "storage/storage_backend.hpp"

namespace carillon::storage::test {

inline Bytes octets(std::string_view text) {
  return {text.begin(), text.end()};
}

using Table = std::map<Bytes, Bytes>;

inline Table contents(StorageBackend& backend, ByteView from = {}) {
  Table all;
  const auto scanned = backend.scan(from, [&](ByteView key, ByteView value) {
    EXPECT_TRUE(all.empty() || all.rbegin()->first < Bytes(key.begin(), key.end()));
    all.emplace(Bytes{key.begin(), key.end()}, Bytes{value.begin(), value.end()});
    return Scan::next;
  });
  EXPECT_TRUE(scanned) << scanned.error().message();
  return all;
}

inline std::optional<Bytes> value_at(StorageBackend& backend, std::string_view key) {
  const auto found = backend.get(octets(key));
  EXPECT_TRUE(found) << found.error().message();
  if (!found || !*found) return std::nullopt;
  return Bytes{(*found)->begin(), (*found)->end()};
}

inline WriteBatch puts(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  WriteBatch batch;
  for (const auto& [key, value] : list)
    batch.put(octets(key), octets(value));
  return batch;
}

template <typename Backends>
class BackendSuite : public testing::Test {
 protected:
  StorageBackend& backend() { return backends_.backend(); }
  Backends backends_;
};
TYPED_TEST_SUITE_P(BackendSuite);

TYPED_TEST_P(BackendSuite, ReadsWhatWasApplied) {
  auto& backend = this->backend();
  EXPECT_EQ(value_at(backend, "a"), std::nullopt);
  ASSERT_TRUE(backend.apply(puts({{"a", "1"}, {"b", ""}})));
  EXPECT_EQ(value_at(backend, "a"), octets("1"));
  EXPECT_EQ(value_at(backend, "b"), Bytes{});
  ASSERT_TRUE(backend.sync());
  EXPECT_EQ(value_at(backend, "a"), octets("1"));
}

TYPED_TEST_P(BackendSuite, ScansInOrderOfOctets) {
  auto& backend = this->backend();
  WriteBatch batch;
  batch.put({0x80}, {1});
  batch.put({0x7f, 0xff}, {2});
  batch.put({0x7f}, {3});
  batch.put({0xff, 0x00}, {4});
  ASSERT_TRUE(backend.apply(std::move(batch)));
  EXPECT_THAT(contents(backend), testing::ElementsAre(std::pair{Bytes{0x7f}, Bytes{3}},
                                                      std::pair{Bytes{0x7f, 0xff}, Bytes{2}},
                                                      std::pair{Bytes{0x80}, Bytes{1}},
                                                      std::pair{Bytes{0xff, 0x00}, Bytes{4}}));
  EXPECT_EQ(contents(backend, Bytes{0x7f, 0x00}).size(), 3U);
  EXPECT_TRUE(contents(backend, Bytes{0xff, 0x01}).empty());
}

TYPED_TEST_P(BackendSuite, AScanStopsWhenToldTo) {
  auto& backend = this->backend();
  ASSERT_TRUE(backend.apply(puts({{"a", "1"}, {"b", "2"}, {"c", "3"}})));
  int visited = 0;
  ASSERT_TRUE(backend.scan(
      octets("a"), [&](ByteView, ByteView) { return ++visited == 2 ? Scan::stop : Scan::next; }));
  EXPECT_EQ(visited, 2);
}

TYPED_TEST_P(BackendSuite, LaterOperationsOfABatchWin) {
  auto& backend = this->backend();
  WriteBatch batch = puts({{"a", "1"}, {"a", "2"}, {"b", "3"}});
  batch.erase(octets("b"));
  batch.erase(octets("never there"));
  ASSERT_TRUE(backend.apply(std::move(batch)));
  EXPECT_THAT(contents(backend), testing::ElementsAre(std::pair{octets("a"), octets("2")}));
}

TYPED_TEST_P(BackendSuite, OnlyWhatWasSyncedSurvivesACrash) {
  ASSERT_TRUE(this->backend().apply(puts({{"kept", "1"}, {"changed", "old"}, {"erased", "2"}})));
  ASSERT_TRUE(this->backend().sync());
  WriteBatch batch = puts({{"lost", "3"}, {"changed", "new"}});
  batch.erase(octets("erased"));
  ASSERT_TRUE(this->backend().apply(std::move(batch)));
  ASSERT_TRUE(this->backend().apply(puts({{"changed", "newer"}})));
  this->backends_.crash_and_reopen();
  EXPECT_THAT(contents(this->backend()),
              testing::ElementsAre(std::pair{octets("changed"), octets("old")},
                                   std::pair{octets("erased"), octets("2")},
                                   std::pair{octets("kept"), octets("1")}));
}

TYPED_TEST_P(BackendSuite, TakesKeysAndValuesUpToTheirLimits) {
  auto& backend = this->backend();
  const Bytes long_key(StorageBackend::max_key_size, 0x61);
  const Bytes long_value(100'000, 0x62);
  WriteBatch batch;
  batch.put(long_key, long_value);
  ASSERT_TRUE(backend.apply(std::move(batch)));
  ASSERT_TRUE(backend.sync());
  EXPECT_EQ(contents(backend).at(long_key), long_value);
}

TYPED_TEST_P(BackendSuite, RefusesABatchWithAKeyThatIsTooLongWhole) {
  auto& backend = this->backend();
  WriteBatch batch = puts({{"a", "1"}});
  batch.put(Bytes(StorageBackend::max_key_size + 1, 0x61), {});
  const auto applied = backend.apply(std::move(batch));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::too_large);
  EXPECT_TRUE(contents(backend).empty());
}

TYPED_TEST_P(BackendSuite, BehavesAsAMapThroughCrashesAndSyncs) {
  SeededRandom random{20260};
  Table synced;
  Table present;
  for (int step = 0; step < 400; ++step) {
    WriteBatch batch;
    for (auto count = random.below(20); count > 0; --count) {
      const Bytes key = random.bytes(1 + random.below(2));
      if (random.below(3) == 0) {
        batch.erase(key);
        present.erase(key);
      } else {
        const Bytes value = random.bytes(random.below(random.below(50) == 0 ? 9000 : 60));
        batch.put(key, value);
        present[key] = value;
      }
    }
    ASSERT_TRUE(this->backend().apply(std::move(batch)));
    const auto dice = random.below(20);
    if (dice < 5) {
      ASSERT_TRUE(this->backend().sync());
      synced = present;
    } else if (dice == 5) {
      this->backends_.crash_and_reopen();
      present = synced;
    }
    if (step % 10 == 0) {
      ASSERT_EQ(contents(this->backend()), present) << "at step " << step;
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(BackendSuite, ReadsWhatWasApplied, ScansInOrderOfOctets,
                            AScanStopsWhenToldTo, LaterOperationsOfABatchWin,
                            OnlyWhatWasSyncedSurvivesACrash, TakesKeysAndValuesUpToTheirLimits,
                            RefusesABatchWithAKeyThatIsTooLongWhole,
                            BehavesAsAMapThroughCrashesAndSyncs);

}  // namespace carillon::storage::test
