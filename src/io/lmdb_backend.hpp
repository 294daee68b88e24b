#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "io/files.hpp"
#include "io/resident_memory.hpp"
#include "storage/storage_backend.hpp"

struct MDB_env;
struct MDB_txn;

namespace carillon::io {

struct LmdbOptions {
  /// Address space to begin with, and at most; it grows by doubling. Costs no memory or disk
  /// until it is used.
  std::size_t initial_map_octets{std::size_t{64} << 20U};
  std::size_t max_map_octets{std::size_t{64} << 30U};
  /// How much of the file may count as this process's memory. What is beyond that is let go of;
  /// the system keeps it in its cache as long as there is room, and finds it there again.
  std::size_t max_resident_octets{std::size_t{128} << 20U};
  /// Whether `sync` waits for the disk. Only measurements turn it off.
  bool durable{true};
};

/// Storage's table on disk, in LMDB: `data.mdb` and `lock.mdb` in a directory of its own, and
/// io/files.hpp's lock that keeps a second process out.
///
/// One write transaction a turn: the first `apply` opens it, `sync` commits it, reads meanwhile
/// look into it. Without one, reads use a renewed read transaction, which pins no old pages
/// beyond the next write. A file that was damaged is found when it is opened (lmdb_check.hpp), so
/// that it neither crashes the process nor is written to.
class LmdbBackend final : public storage::StorageBackend {
 public:
  /// What may be applied between two syncs; beyond that, `busy`.
  static constexpr std::size_t max_pending_octets = std::size_t{256} << 20U;

  /// Opens or creates. `directory` is made if its parent exists. Errors: `io` (cannot be created,
  /// read or written), `busy` (used by another process), `disk_full`, `corrupt` (nothing was
  /// touched: restore the file, or move it away and rejoin empty). `detail` names the path.
  [[nodiscard]] static Result<std::unique_ptr<LmdbBackend>> open(
      const std::filesystem::path& directory, const LmdbOptions& options = {});
  ~LmdbBackend() override;

  [[nodiscard]] Result<std::optional<ByteView>> get(ByteView key) override;
  [[nodiscard]] Result<void> scan(ByteView from, const Visitor& visit) override;
  [[nodiscard]] Result<void> apply(storage::WriteBatch batch) override;
  [[nodiscard]] Result<void> sync() override;

  [[nodiscard]] std::size_t map_octets() const { return map_octets_; }

 private:
  struct CloseEnvironment {
    void operator()(MDB_env* environment) const;
  };
  struct AbortTransaction {
    void operator()(MDB_txn* transaction) const;
  };
  using Transaction = std::unique_ptr<MDB_txn, AbortTransaction>;

  LmdbBackend(std::filesystem::path directory, LmdbOptions options, DirectoryLock lock);
  [[nodiscard]] Result<void> open_environment();
  [[nodiscard]] Result<MDB_txn*> reader();
  /// Opens the write transaction if there is none, and writes what is pending into it.
  [[nodiscard]] int begin_write();
  [[nodiscard]] int write_batch(const storage::WriteBatch& batch);
  [[nodiscard]] int commit();
  /// Makes the map larger; no transaction may be open. False: it is as large as it may be.
  [[nodiscard]] bool grow();
  void forget_pending();
  /// Keeps the mapped part of the file within `max_resident_octets`.
  void bound_memory(std::size_t pages_touched);
  [[nodiscard]] std::unexpected<Error> failure(int code, const char* what) const;

  std::filesystem::path directory_;
  LmdbOptions options_;
  DirectoryLock lock_;
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  Transaction read_;
  bool read_active_{false};
  Transaction write_;
  unsigned table_{0};
  std::size_t map_octets_{0};
  /// What the open write transaction holds: replayed when the map has to grow, or when a batch
  /// fails half-way and must leave no trace.
  std::vector<storage::WriteBatch> pending_;
  std::size_t pending_octets_{0};
  ResidentMemory resident_;
  std::size_t touched_{0};
};

}  // namespace carillon::io
