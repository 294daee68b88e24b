#include "io/lmdb_backend.hpp"

#include <cerrno>
#include <utility>

#include <lmdb.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "io/lmdb_check.hpp"

namespace carillon::io {

namespace {

constexpr mdb_mode_t file_mode = 0600;
constexpr const char* data_file = "data.mdb";
/// What a commit may write beside the data itself: branches, free list, root.
constexpr std::size_t overhead_octets = std::size_t{1} << 20U;
/// A read touches a few pages, and each that was not there brings up to 15 neighbors along.
constexpr std::size_t pages_per_read = 4;
constexpr std::size_t pages_between_checks = 128;

MDB_val to_val(ByteView octets) {
  // LMDB's interface is not const-correct; it does not write through keys and values handed in.
  return {octets.size(), const_cast<std::uint8_t*>(octets.data())};
}

ByteView to_view(const MDB_val& value) {
  return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

ErrorCode code_of(int lmdb_code) {
  switch (lmdb_code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case MDB_MAP_FULL:
      return ErrorCode::disk_full;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return ErrorCode::corrupt;
    case MDB_TXN_FULL:
      return ErrorCode::busy;
    default:
      return ErrorCode::io;
  }
}

/// LMDB says EIO when the system wrote less than it was given, which is how most disks fill up.
bool disk_is_full(const std::filesystem::path& directory, std::size_t wanted) {
  struct statvfs space{};
  if (::statvfs(directory.c_str(), &space) == 0 && space.f_bavail * space.f_frsize < wanted) {
    return true;
  }
  std::error_code ignored;
  const auto size = std::filesystem::file_size(directory / data_file, ignored);
  rlimit limit{};
  return !ignored && ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
         size + wanted > limit.rlim_cur;
}

struct CursorCloser {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};

}  // namespace

void LmdbBackend::CloseEnvironment::operator()(MDB_env* environment) const {
  mdb_env_close(environment);
}
void LmdbBackend::AbortTransaction::operator()(MDB_txn* transaction) const {
  mdb_txn_abort(transaction);
}

Result<std::unique_ptr<LmdbBackend>> LmdbBackend::open(const std::filesystem::path& directory,
                                                       const LmdbOptions& options) {
  if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  auto lock = DirectoryLock::take(directory);
  if (!lock) return std::unexpected(lock.error());
  if (auto checked = check_lmdb_file(directory / data_file); !checked) {
    return std::unexpected(checked.error());
  }
  std::unique_ptr<LmdbBackend> backend{new LmdbBackend(directory, options, std::move(*lock))};
  if (auto opened = backend->open_environment(); !opened) return std::unexpected(opened.error());
  return backend;
}

LmdbBackend::LmdbBackend(std::filesystem::path directory, LmdbOptions options, DirectoryLock lock)
    : directory_(std::move(directory)),
      options_(options),
      lock_(std::move(lock)),
      map_octets_(options.initial_map_octets) {}

LmdbBackend::~LmdbBackend() = default;

Result<void> LmdbBackend::open_environment() {
  read_.reset();
  write_.reset();
  environment_.reset();
  MDB_env* created = nullptr;
  if (const int code = mdb_env_create(&created)) return failure(code, "create");
  environment_.reset(created);
  if (const int code = mdb_env_set_mapsize(created, map_octets_)) return failure(code, "map");
  // Keys are random digests: reading ahead would only fill memory with what nobody asked for.
  const unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (options_.durable ? 0U : MDB_NOSYNC);
  if (const int code = mdb_env_open(created, directory_.c_str(), flags, file_mode)) {
    return failure(code, "open");
  }
  MDB_envinfo info{};
  if (const int code = mdb_env_info(created, &info)) return failure(code, "open");
  map_octets_ = info.me_mapsize;  // The file may have grown beyond the initial size before.
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(created, nullptr, MDB_RDONLY, &transaction)) {
    return failure(code, "open");
  }
  read_.reset(transaction);
  read_active_ = true;
  if (const int code = mdb_dbi_open(transaction, nullptr, 0, &table_)) {
    return failure(code, "open");
  }
  return {};
}

Result<MDB_txn*> LmdbBackend::reader() {
  if (!write_ && !pending_.empty()) {
    if (const int code = begin_write()) return failure(code, "read");
  }
  if (write_) return write_.get();
  if (!read_active_) {
    if (const int code = mdb_txn_renew(read_.get())) return failure(code, "read");
    read_active_ = true;
  }
  return read_.get();
}

Result<std::optional<ByteView>> LmdbBackend::get(ByteView key) {
  if (key.empty() || key.size() > max_key_size) return std::nullopt;
  const auto transaction = reader();
  if (!transaction) return std::unexpected(transaction.error());
  bound_memory(pages_per_read);
  MDB_val wanted = to_val(key);
  MDB_val found{};
  const int code = mdb_get(*transaction, table_, &wanted, &found);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return failure(code, "read");
  return to_view(found);
}

Result<void> LmdbBackend::scan(ByteView from, const Visitor& visit) {
  const auto transaction = reader();
  if (!transaction) return std::unexpected(transaction.error());
  MDB_cursor* opened = nullptr;
  if (const int code = mdb_cursor_open(*transaction, table_, &opened)) return failure(code, "scan");
  const std::unique_ptr<MDB_cursor, CursorCloser> cursor{opened};
  MDB_val key = to_val(from.first(std::min(from.size(), max_key_size)));
  MDB_val value{};
  MDB_cursor_op operation = from.empty() ? MDB_FIRST : MDB_SET_RANGE;
  while (true) {
    const int code = mdb_cursor_get(opened, &key, &value, operation);
    if (code == MDB_NOTFOUND) return {};
    if (code != 0) return failure(code, "scan");
    bound_memory(1);
    if (visit(to_view(key), to_view(value)) == storage::Scan::stop) return {};
    operation = MDB_NEXT;
  }
}

Result<void> LmdbBackend::apply(storage::WriteBatch batch) {
  for (const auto& operation : batch.operations()) {
    if (operation.key.empty() || operation.key.size() > max_key_size ||
        (operation.value && operation.value->size() > max_value_size)) {
      return fail(ErrorCode::too_large, "storage", "a key or value is too large");
    }
  }
  if (pending_octets_ + batch.size_octets() > max_pending_octets) {
    return fail(ErrorCode::busy, "storage", "too much is waiting to be written");
  }
  int code = begin_write();
  if (code == 0) code = write_batch(batch);
  while (code == MDB_MAP_FULL) {
    write_.reset();
    if (!grow()) break;
    code = begin_write();
    if (code == 0) code = write_batch(batch);
  }
  if (code != 0) {
    // LMDB cannot take back half a batch; the earlier ones of this turn are written again.
    write_.reset();
    return failure(code, "write");
  }
  bound_memory(pages_per_read * batch.operations().size());
  pending_octets_ += batch.size_octets();
  pending_.push_back(std::move(batch));
  return {};
}

Result<void> LmdbBackend::sync() {
  if (pending_.empty()) {
    write_.reset();
    return {};
  }
  int code = commit();
  while (code == MDB_MAP_FULL && grow())
    code = commit();
  if (code == EIO && disk_is_full(directory_, pending_octets_ + overhead_octets)) code = ENOSPC;
  forget_pending();
  if (code != 0) {
    auto error = failure(code, "sync");
    // After a failed write of its root page, LMDB refuses all work until it is opened again.
    if (auto opened = open_environment(); !opened) return opened;
    return error;
  }
  return {};
}

int LmdbBackend::begin_write() {
  if (write_) return 0;
  if (read_active_) {
    mdb_txn_reset(read_.get());
    read_active_ = false;
  }
  if (!environment_) return MDB_PANIC;
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(environment_.get(), nullptr, 0, &transaction)) return code;
  write_.reset(transaction);
  for (const auto& batch : pending_) {
    if (const int code = write_batch(batch)) {
      write_.reset();
      return code;
    }
  }
  return 0;
}

int LmdbBackend::write_batch(const storage::WriteBatch& batch) {
  for (const auto& operation : batch.operations()) {
    MDB_val key = to_val(operation.key);
    int code = 0;
    if (operation.value) {
      MDB_val value = to_val(*operation.value);
      code = mdb_put(write_.get(), table_, &key, &value, 0);
    } else {
      code = mdb_del(write_.get(), table_, &key, nullptr);
      if (code == MDB_NOTFOUND) code = 0;
    }
    if (code != 0) return code;
  }
  return 0;
}

int LmdbBackend::commit() {
  if (const int code = begin_write()) return code;
  return mdb_txn_commit(write_.release());
}

bool LmdbBackend::grow() {
  if (map_octets_ >= options_.max_map_octets || !environment_) return false;
  const std::size_t wanted = std::min(map_octets_ * 2, options_.max_map_octets);
  if (mdb_env_set_mapsize(environment_.get(), wanted) != 0) return false;
  map_octets_ = wanted;
  return true;
}

void LmdbBackend::forget_pending() {
  write_.reset();
  pending_.clear();
  pending_octets_ = 0;
}

void LmdbBackend::bound_memory(std::size_t pages_touched) {
  touched_ += pages_touched;
  if (touched_ < pages_between_checks) return;
  touched_ = 0;
  const auto mapped = resident_.mapped_octets();
  if (!mapped || *mapped <= options_.max_resident_octets) return;
  ResidentMemory::let_go_of(directory_ / data_file);
}

std::unexpected<Error> LmdbBackend::failure(int code, const char* what) const {
  return fail(code_of(code), std::string{"storage "} + what,
              directory_.string() + ": " + mdb_strerror(code));
}

}  // namespace carillon::io
