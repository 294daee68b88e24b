#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "wire/codec.hpp"
#include "wire/data_model.hpp"

namespace carillon::wire {

/// RFC 6940, 7.2.
struct DataValue {
  bool exists{};
  Bytes value{};

  [[nodiscard]] static DataValue decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const DataValue&, const DataValue&) = default;
};

/// RFC 6940, 7.2.2.
struct ArrayEntry {
  /// In a Store: puts the value at the end of the array (7.4.1.1).
  static constexpr std::uint32_t append = 0xffffffff;

  std::uint32_t index{};
  DataValue value{};

  [[nodiscard]] static ArrayEntry decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ArrayEntry&, const ArrayEntry&) = default;
};

/// RFC 6940, 7.2.3.
struct DictionaryEntry {
  Bytes key{};  ///< At most 65535 octets.
  DataValue value{};

  [[nodiscard]] static DictionaryEntry decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const DictionaryEntry&, const DictionaryEntry&) = default;
};

/// One value of a Kind whose data model is known.
struct StoredDataValue {
  std::variant<DataValue, ArrayEntry, DictionaryEntry> entry{};

  [[nodiscard]] DataModel model() const;
  [[nodiscard]] const DataValue& data_value() const;
  [[nodiscard]] DataValue& data_value();
  /// What signatures cover (7.1): the index of an array entry counts as 0 (7.4.2.2).
  void encode_for_signature(Writer& writer) const;

  [[nodiscard]] static StoredDataValue decode(Reader& reader, DataModel model);
  void encode(Writer& writer) const;
  friend bool operator==(const StoredDataValue&, const StoredDataValue&) = default;
};

}  // namespace carillon::wire
