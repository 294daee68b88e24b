#include "io/lmdb_backend.hpp"

#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/lmdb_check.hpp"
#include "io/loop_support.hpp"
#include "storage/storage.hpp"
#include "storage/support/backend_suite.hpp"

namespace carillon::io {
namespace {

namespace fs = std::filesystem;
using storage::WriteBatch;
using storage::test::contents;
using storage::test::octets;
using storage::test::puts;
using storage::test::value_at;

/// Small, so that the suite's random writes make the map grow, too.
constexpr LmdbOptions small{.initial_map_octets = 64 * 4096, .durable = false};

struct OnDisk {
  OnDisk() { open(); }
  storage::StorageBackend& backend() { return *backend_; }
  void crash_and_reopen() {
    backend_.reset();
    open();
  }
  void open() {
    auto opened = LmdbBackend::open(directory_.path() / "store", small);
    ASSERT_TRUE(opened) << opened.error().message();
    backend_ = std::move(*opened);
  }
  TemporaryDirectory directory_;
  std::unique_ptr<LmdbBackend> backend_;
};

}  // namespace
}  // namespace carillon::io

namespace carillon::storage::test {
INSTANTIATE_TYPED_TEST_SUITE_P(Lmdb, BackendSuite, io::OnDisk);
}

namespace carillon::io {
namespace {

class LmdbBackendTest : public testing::Test {
 protected:
  std::unique_ptr<LmdbBackend> open(const LmdbOptions& options = {}) {
    auto opened = LmdbBackend::open(path(), options);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? std::move(*opened) : nullptr;
  }
  Error open_error() {
    auto opened = LmdbBackend::open(path());
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  fs::path path() const { return directory_.path() / "store"; }
  fs::path file() const { return path() / "data.mdb"; }

  /// Runs `body` in a process of its own; what it returns is the exit status.
  template <typename Body>
  static int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
  /// Some data on a tree of several levels, with large values and free pages.
  void fill() {
    auto backend = open({.durable = false});
    SeededRandom random{3};
    for (int turn = 0; turn < 30; ++turn) {
      WriteBatch batch;
      for (int i = 0; i < 100; ++i) {
        auto value = random.bytes(random.below(40) == 0 ? 10'000 : 200);
        batch.put(random.bytes(24), std::move(value));
      }
      if (turn % 3 == 0) {
        const auto all = contents(*backend);
        int index = 0;
        for (const auto& [key, value] : all) {
          if (++index % 4 == 0) batch.erase(key);
        }
      }
      ASSERT_TRUE(backend->apply(std::move(batch)));
      ASSERT_TRUE(backend->sync());
    }
  }

  TemporaryDirectory directory_;
};

TEST_F(LmdbBackendTest, SurvivesKillAfterSyncAndForgetsWhatWasNotSynced) {
  const int status = in_child([&] {
    auto backend = open();
    if (!backend->apply(puts({{"synced", "1"}})) || !backend->sync()) return 1;
    if (!backend->apply(puts({{"unsynced", "2"}, {"synced", "overwritten"}}))) return 2;
    ::kill(::getpid(), SIGKILL);
    return 3;
  });
  ASSERT_EQ(status, -SIGKILL);
  auto backend = open();
  EXPECT_THAT(contents(*backend), testing::ElementsAre(std::pair{octets("synced"), octets("1")}));
}

TEST_F(LmdbBackendTest, KeepsASecondProcessOut) {
  auto backend = open();
  EXPECT_EQ(in_child([&] {
              auto second = LmdbBackend::open(path());
              return !second && second.error().code == ErrorCode::busy ? 0 : 1;
            }),
            0);
  backend.reset();
  EXPECT_TRUE(open());
}

TEST_F(LmdbBackendTest, TheMapGrowsWithinATurnAndLosesNothing) {
  auto backend = open({.initial_map_octets = 32 * 4096, .durable = false});
  const auto before = backend->map_octets();
  storage::test::Table expected;
  SeededRandom random{1};
  for (int i = 0; i < 40; ++i) {
    const Bytes key = random.bytes(16);
    const Bytes value = random.bytes(50'000);
    expected[key] = value;
    WriteBatch batch;
    batch.put(key, value);
    ASSERT_TRUE(backend->apply(std::move(batch)));
    ASSERT_TRUE(*backend->get(expected.begin()->first));
  }
  EXPECT_GT(backend->map_octets(), before);
  EXPECT_EQ(contents(*backend), expected);
  ASSERT_TRUE(backend->sync());
  EXPECT_EQ(contents(*backend), expected);
}

TEST_F(LmdbBackendTest, AFullMapIsDiskFullAndLeavesTheTurnIntact) {
  auto backend = open({.initial_map_octets = 64 * 4096, .max_map_octets = 64 * 4096});
  ASSERT_TRUE(backend->apply(puts({{"kept", "1"}})));
  WriteBatch batch = puts({{"half", "2"}});
  batch.put(octets("large"), Bytes(70 * 4096));
  const auto applied = backend->apply(std::move(batch));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::disk_full);
  EXPECT_THAT(applied.error().message(), testing::HasSubstr(path().string()));
  EXPECT_EQ(value_at(*backend, "half"), std::nullopt);
  EXPECT_EQ(value_at(*backend, "kept"), octets("1"));
  ASSERT_TRUE(backend->sync());
  EXPECT_EQ(value_at(*backend, "kept"), octets("1"));
}

TEST_F(LmdbBackendTest, AFullDiskIsAnErrorOfSyncAndKeepsWhatWasThere) {
  EXPECT_EQ(in_child([&] {
              auto backend = open();
              if (!backend->apply(puts({{"kept", "1"}})) || !backend->sync()) return 1;
              ::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{20 * 4096, RLIM_INFINITY};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
              WriteBatch batch;
              batch.put(octets("large"), Bytes(100 * 4096));
              if (!backend->apply(std::move(batch))) return 3;
              const auto synced = backend->sync();
              if (synced || synced.error().code != ErrorCode::disk_full) return 4;
              if (value_at(*backend, "large") || !value_at(*backend, "kept")) return 5;
              // The disk has room for little things still, and again for large ones later.
              if (!backend->apply(puts({{"little", "2"}})) || !backend->sync()) return 6;
              const rlimit room{RLIM_INFINITY, RLIM_INFINITY};
              if (::setrlimit(RLIMIT_FSIZE, &room) != 0) return 7;
              WriteBatch again;
              again.put(octets("large"), Bytes(100 * 4096));
              return backend->apply(std::move(again)) && backend->sync() ? 0 : 8;
            }),
            0);
  EXPECT_EQ(contents(*open()).size(), 3U);
}

TEST_F(LmdbBackendTest, UnwritableDirectoriesAreErrorsThatNameThePath) {
  const auto refused = LmdbBackend::open("/proc/carillon");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_THAT(refused.error().message(), testing::HasSubstr("/proc/carillon"));
  std::ofstream{path()} << "a file";
  EXPECT_EQ(open_error().code, ErrorCode::io);
}

TEST_F(LmdbBackendTest, ASoundFilePassesTheCheck) {
  EXPECT_TRUE(check_lmdb_file(file())) << "not there yet";
  fill();
  const auto checked = check_lmdb_file(file());
  EXPECT_TRUE(checked) << checked.error().message();
}

TEST_F(LmdbBackendTest, AFileThatWasCutShortIsCorruptAndNotTouched) {
  fill();
  const auto size = fs::file_size(file());
  for (const auto left : {size / 2, std::uintmax_t{5000}, std::uintmax_t{100}, std::uintmax_t{0}}) {
    fs::resize_file(file(), left);
    const auto error = open_error();
    EXPECT_EQ(error.code, ErrorCode::corrupt) << error.message();
    EXPECT_THAT(error.message(), testing::HasSubstr(file().string()));
    EXPECT_EQ(fs::file_size(file()), left);
  }
}

TEST_F(LmdbBackendTest, AForeignFileIsCorrupt) {
  fs::create_directories(path());
  std::ofstream{file()} << std::string(100'000, 'x');
  EXPECT_EQ(open_error().code, ErrorCode::corrupt);
}

/// Whatever is written over a page: either the check finds it, or LMDB reads the file to its end
/// without harm (the damage hit a page that is free, or the inside of a value).
TEST_F(LmdbBackendTest, NoDamagedPageCrashesTheProcess) {
  fill();
  std::ifstream in{file(), std::ios::binary};
  const std::string sound{std::istreambuf_iterator<char>{in}, {}};
  SeededRandom random{77};
  int found = 0;
  for (int round = 0; round < 150; ++round) {
    std::string damaged = sound;
    const auto page = random.below(sound.size() / 4096);
    const auto start = page * 4096 + (random.below(2) == 0 ? 0 : random.below(64));
    const auto count = 1 + random.below(random.below(2) == 0 ? 16 : 4096 - start % 4096);
    for (std::uint64_t i = 0; i < count; ++i)
      damaged[start + i] = static_cast<char>(random.u64());
    std::ofstream{file(), std::ios::binary}.write(damaged.data(),
                                                  static_cast<std::streamsize>(damaged.size()));
    auto opened = LmdbBackend::open(path(), {.durable = false});
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::corrupt) << opened.error().message();
      ++found;
      continue;
    }
    std::size_t entries = 0;
    const auto scanned = (*opened)->scan({}, [&](ByteView, ByteView) {
      ++entries;
      return storage::Scan::next;
    });
    EXPECT_TRUE(scanned);
    EXPECT_GT(entries, 0U);
  }
  EXPECT_GT(found, 50);
}

TEST_F(LmdbBackendTest, LetsGoOfMappedMemoryBeyondItsBound) {
  constexpr std::size_t bound = std::size_t{4} << 20U;
  auto backend = open({.max_resident_octets = bound, .durable = false});
  const ResidentMemory resident;
  SeededRandom random{5};
  std::size_t most = 0;
  for (int turn = 0; turn < 60; ++turn) {
    WriteBatch batch;
    for (int i = 0; i < 200; ++i)
      batch.put(random.bytes(16), random.bytes(3000));
    ASSERT_TRUE(backend->apply(std::move(batch)));
    ASSERT_TRUE(backend->sync());
    EXPECT_EQ(contents(*backend).size(), 200U * static_cast<unsigned>(turn + 1));
    most = std::max(most, resident.mapped_octets().value_or(0));
  }
  EXPECT_GT(fs::file_size(file()), 8 * bound);
  EXPECT_LT(most, 4 * bound);
}

TEST_F(LmdbBackendTest, StorageOpensWhatItWroteBefore) {
  for (int life = 0; life < 3; ++life) {
    auto backend = open();
    storage::Storage storage{*backend, {}, storage::AccessPolicies::standard()};
    EXPECT_TRUE(storage.open());
  }
}

}  // namespace
}  // namespace carillon::io
