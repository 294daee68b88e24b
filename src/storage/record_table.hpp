#pragma once

#include <optional>
#include <vector>

#include "storage/certificate_table.hpp"
#include "storage/keys.hpp"
#include "storage/kind_record.hpp"
#include "storage/ring_interval.hpp"
#include "storage/storage_backend.hpp"

namespace carillon::storage {

/// A record taken out of the backend to be changed. `record` has lost what had expired.
struct OpenRecord {
  keys::RecordId id{};
  KindRecord record{};
  /// Under which time the backend's expiry index has it; nothing: it is not in the backend.
  std::optional<WallTime> indexed{};
  bool lost_expired{};  ///< The backend still has entries that have expired.
};

/// Reads records and writes them back, with their index and expiry keys.
class RecordTable {
 public:
  explicit RecordTable(StorageBackend& backend) : backend_(backend) {}

  /// An empty record if there is none. Entries that have expired at `now` are taken out, and their
  /// certificates counted down in `changes`, if given. `corrupt` names the resource.
  [[nodiscard]] Result<OpenRecord> open(const keys::RecordId& id, WallTime now,
                                        CertificateChanges* changes = nullptr);
  /// The same from octets that a scan found.
  [[nodiscard]] Result<OpenRecord> decode(const keys::RecordId& id, ByteView octets, WallTime now,
                                          CertificateChanges* changes = nullptr);

  /// Adds to `batch` what puts `open` back; a record without entries is erased.
  void save(const OpenRecord& open, WriteBatch& batch) const;

  /// Visits the records of the resources from `first` to `last`, in order. The visitor must not
  /// touch the backend.
  using Visitor = std::function<Scan(const keys::RecordId& id, ByteView octets)>;
  [[nodiscard]] Result<void> scan(const Stretch& stretch, const Visitor& visit);

 private:
  StorageBackend& backend_;
};

}  // namespace carillon::storage
