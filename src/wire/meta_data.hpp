#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "wire/algorithms.hpp"
#include "wire/data_model.hpp"

namespace carillon::wire {

/// What Stat tells instead of a DataValue (RFC 6940, 7.4.3.2).
struct MetaData {
  bool exists{};
  std::uint32_t value_length{};  ///< Octets of the value.
  HashAlgorithm hash_algorithm{};
  Bytes hash_value{};  ///< Over the value with its four length octets; at most 255 octets.

  [[nodiscard]] static MetaData decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const MetaData&, const MetaData&) = default;
};

struct ArrayEntryMeta {
  std::uint32_t index{};
  MetaData value{};

  [[nodiscard]] static ArrayEntryMeta decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ArrayEntryMeta&, const ArrayEntryMeta&) = default;
};

struct DictionaryEntryMeta {
  Bytes key{};  ///< At most 65535 octets.
  MetaData value{};

  [[nodiscard]] static DictionaryEntryMeta decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const DictionaryEntryMeta&, const DictionaryEntryMeta&) = default;
};

/// For a Kind whose data model is not known; kept as it came.
struct UnknownMeta {
  Bytes octets{};
  friend bool operator==(const UnknownMeta&, const UnknownMeta&) = default;
};

/// RFC 6940, 7.4.3.2. Its first field, which the RFC calls value_length, is the size of what
/// follows it, like StoredData.length; it is made when encoding.
struct StoredMetaData {
  std::uint64_t storage_time{};  ///< Milliseconds since the Unix epoch.
  std::uint32_t lifetime{};      ///< Seconds.
  std::variant<MetaData, ArrayEntryMeta, DictionaryEntryMeta, UnknownMeta> metadata{};

  [[nodiscard]] static StoredMetaData decode(Reader& reader, const std::optional<DataModel>& model);
  void encode(Writer& writer) const;
  friend bool operator==(const StoredMetaData&, const StoredMetaData&) = default;
};

}  // namespace carillon::wire
