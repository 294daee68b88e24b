#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "wire/codec.hpp"
#include "wire/data_model.hpp"

namespace carillon::wire {

/// A stretch of an array, both ends included (RFC 6940, 7.4.2.1). The RFC writes int32, but uses
/// the numbers as unsigned.
struct ArrayRange {
  static constexpr std::uint32_t final_element = 0xffffffff;

  std::uint32_t first{0};
  std::uint32_t last{final_element};

  /// Fails if `first` is greater than `last`.
  [[nodiscard]] static ArrayRange decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const ArrayRange&, const ArrayRange&) = default;
};

/// The only value there is.
struct SingleValueSpecifier {
  friend bool operator==(const SingleValueSpecifier&, const SingleValueSpecifier&) = default;
};
/// Stretches that do not overlap (`decode` checks).
struct ArraySpecifier {
  std::vector<ArrayRange> indices{};
  friend bool operator==(const ArraySpecifier&, const ArraySpecifier&) = default;
};
/// Some keys; none means all there are.
struct DictionarySpecifier {
  std::vector<Bytes> keys{};
  friend bool operator==(const DictionarySpecifier&, const DictionarySpecifier&) = default;
};
/// For a Kind whose data model is not known; kept as it came.
struct UnknownSpecifier {
  Bytes octets{};
  friend bool operator==(const UnknownSpecifier&, const UnknownSpecifier&) = default;
};

/// What of a Kind is wanted, in Fetch and Stat (RFC 6940, 7.4.2.1).
struct StoredDataSpecifier {
  KindId kind{};
  /// If this is the generation counter there, no values are returned; 0: always return them.
  std::uint64_t generation{};
  std::variant<SingleValueSpecifier, ArraySpecifier, DictionarySpecifier, UnknownSpecifier>
      model_specifier{};

  /// Everything stored under `kind`.
  [[nodiscard]] static StoredDataSpecifier all(KindId kind, DataModel model,
                                               std::uint64_t generation = 0);

  [[nodiscard]] static StoredDataSpecifier decode(Reader& reader, const DataModelOf& models);
  void encode(Writer& writer) const;
  friend bool operator==(const StoredDataSpecifier&, const StoredDataSpecifier&) = default;
};

}  // namespace carillon::wire
