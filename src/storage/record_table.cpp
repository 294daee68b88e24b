#include "storage/record_table.hpp"

#include <algorithm>

namespace carillon::storage {

namespace {

/// The operator has to find the record: its resource goes into the detail.
Error name_record(Error error, const keys::RecordId& id) {
  error.detail += " (resource " + id.resource.to_hex() + ", kind " +
                  std::to_string(static_cast<std::uint32_t>(id.kind)) + ")";
  return error;
}

}  // namespace

Result<OpenRecord> RecordTable::open(const keys::RecordId& id, WallTime now,
                                     CertificateChanges* changes) {
  const auto found = backend_.get(keys::record(id.resource, id.kind));
  if (!found) return std::unexpected(found.error());
  if (!*found) return OpenRecord{id};
  return decode(id, **found, now, changes);
}

Result<OpenRecord> RecordTable::decode(const keys::RecordId& id, ByteView octets, WallTime now,
                                       CertificateChanges* changes) {
  auto record = KindRecord::decode(octets);
  if (!record) return std::unexpected(name_record(std::move(record.error()), id));
  const WallTime indexed = record->first_expiry();
  if (indexed <= now) {
    std::erase_if(record->entries, [&](const StoredEntry& entry) {
      if (entry.expires > now) return false;
      if (changes != nullptr && entry.certificate) changes->remove(*entry.certificate);
      return true;
    });
  }
  return OpenRecord{id, std::move(*record), indexed, indexed <= now};
}

void RecordTable::save(const OpenRecord& open, WriteBatch& batch) const {
  const auto& [resource, kind] = open.id;
  const bool empty = open.record.entries.empty();
  const WallTime expiry = open.record.first_expiry();
  if (open.indexed && (empty || *open.indexed != expiry)) {
    batch.erase(keys::expiry(*open.indexed, resource, kind));
  }
  if (empty) {
    if (!open.indexed) return;
    batch.erase(keys::record(resource, kind));
    batch.erase(keys::index(kind, resource));
    return;
  }
  batch.put(keys::record(resource, kind), open.record.encode());
  if (!open.indexed) batch.put(keys::index(kind, resource), {});
  if (open.indexed != expiry) batch.put(keys::expiry(expiry, resource, kind), {});
}

Result<void> RecordTable::scan(const Stretch& stretch, const Visitor& visit) {
  return backend_.scan(keys::record_start(stretch.first), [&](ByteView key, ByteView octets) {
    const auto id = keys::parse_record(key);
    if (!id || std::ranges::lexicographical_compare(stretch.last, id->resource.bytes())) {
      return Scan::stop;
    }
    return visit(*id, octets);
  });
}

}  // namespace carillon::storage
