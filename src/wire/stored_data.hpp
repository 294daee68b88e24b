#pragma once

#include <cstdint>
#include <optional>

#include "wire/signature.hpp"
#include "wire/stored_data_value.hpp"

namespace carillon::wire {

/// A value with its signature (RFC 6940, 7).
struct StoredData {
  std::uint64_t storage_time{};  ///< Milliseconds since the Unix epoch.
  std::uint32_t lifetime{};      ///< Seconds from receipt.
  StoredDataValue value{};
  Signature signature{};
  /// Set if the Kind's data model is not known: `value` and `signature` as they came, since where
  /// the one ends and the other starts is not known either. Then those two are left out.
  std::optional<Bytes> unknown{};

  /// `model`: nothing if the Kind is not known.
  [[nodiscard]] static StoredData decode(Reader& reader, const std::optional<DataModel>& model);
  void encode(Writer& writer) const;
  friend bool operator==(const StoredData&, const StoredData&) = default;
};

}  // namespace carillon::wire
