#pragma once

#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "wire/stored_data.hpp"

namespace carillon::storage {

/// A stored value, and what we know of it.
struct StoredEntry {
  wire::StoredData data{};  ///< Its `lifetime` means nothing here: see `expires`.
  WallTime expires{};
  /// The signer's certificate, in the certificate table; nothing for an unsigned value.
  std::optional<Sha256Digest> certificate{};

  /// In the form in which it travels on: with the lifetime that remains (7.4.1.1).
  [[nodiscard]] wire::StoredData at(WallTime now) const;
  [[nodiscard]] bool exists() const { return data.value.data_value().exists; }
};

/// All that is stored under one Kind at one resource. As octets:
///
///   record  := crc32(4) over the rest, generation(8) model(1) entry*
///   entry   := storage_time(8) expires(8) flag(1) [digest(32)] StoredDataValue Signature
///   flag    := 0: no certificate / 1: the one whose hash the SignerIdentity bears / 2: `digest`
///
/// storage_time and expires are milliseconds since the epoch; StoredDataValue and Signature are
/// as on the wire (7.2, 6.3.4). Entries are in the order of their positions.
struct KindRecord {
  std::uint64_t generation{};
  wire::DataModel model{};
  std::vector<StoredEntry> entries{};

  /// `corrupt` if the octets are not what `encode` wrote.
  [[nodiscard]] static Result<KindRecord> decode(ByteView octets);
  [[nodiscard]] Bytes encode() const;

  /// The entry at the position of `value`, if any. An array entry to be appended has none.
  [[nodiscard]] StoredEntry* find(const wire::StoredDataValue& value);
  [[nodiscard]] const StoredEntry* find(const wire::StoredDataValue& value) const;
  /// Puts `entry` in its place; the position must be free.
  StoredEntry& insert(StoredEntry entry);
  /// The index after the highest, or nothing if the array is as long as arrays get.
  [[nodiscard]] std::optional<std::uint32_t> end_of_array() const;
  /// When the first entry expires; far in the future if there is none.
  [[nodiscard]] WallTime first_expiry() const;
  [[nodiscard]] bool any_exists(WallTime now) const;
};

/// Orders entries of one Kind: by index, or by key.
[[nodiscard]] bool position_less(const wire::StoredDataValue& left,
                                 const wire::StoredDataValue& right);

}  // namespace carillon::storage
