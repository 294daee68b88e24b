#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

namespace carillon::storage {

/// Writes that happen together or not at all. Later ones win over earlier ones.
class WriteBatch {
 public:
  struct Operation {
    Bytes key;
    std::optional<Bytes> value;  ///< Nothing: erase the key (harmless if it is not there).
  };

  void put(Bytes key, Bytes value) {
    size_ += key.size() + value.size();
    operations_.push_back({std::move(key), std::move(value)});
  }
  void erase(Bytes key) {
    size_ += key.size();
    operations_.push_back({std::move(key), std::nullopt});
  }
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] bool empty() const { return operations_.empty(); }
  /// Octets of keys and values.
  [[nodiscard]] std::size_t size_octets() const { return size_; }

 private:
  std::vector<Operation> operations_;
  std::size_t size_{0};
};

/// Whether a scan goes on.
enum class Scan : std::uint8_t { next, stop };

/// An ordered table of octet strings, keys compared octet by octet; where Storage keeps everything.
///
/// One thread. What `apply` wrote is seen by reads at once and is durable once `sync` succeeded
/// (group commit: many batches, one sync). After a crash the table is as the last successful sync
/// left it. Errors: `disk_full` (make room), `io`, `corrupt` (restore or start empty); an error
/// never leaves half a batch behind.
class StorageBackend {
 public:
  using Visitor = std::function<Scan(ByteView key, ByteView value)>;

  /// Longest key, and longest value, that every backend takes.
  static constexpr std::size_t max_key_size = 500;
  static constexpr std::size_t max_value_size = std::size_t{64} << 20U;

  virtual ~StorageBackend() = default;

  /// The value at `key`, if any. The view is good until the next call of any method.
  [[nodiscard]] virtual Result<std::optional<ByteView>> get(ByteView key) = 0;

  /// Visits the entries from the first key >= `from`, in order, until the visitor says stop or
  /// none is left. The visitor must not call the backend; the views are good within its call.
  [[nodiscard]] virtual Result<void> scan(ByteView from, const Visitor& visit) = 0;

  /// Writes a batch: all of it or, on an error, nothing of it. `too_large`: a key or value is.
  [[nodiscard]] virtual Result<void> apply(WriteBatch batch) = 0;

  /// Makes all applied writes durable. On an error every write since the last successful sync is
  /// gone, as after a crash; what was synced before is untouched.
  [[nodiscard]] virtual Result<void> sync() = 0;
};

}  // namespace carillon::storage
