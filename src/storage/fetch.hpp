#pragma once

#include "storage/kind_record.hpp"
#include "storage/kind_table.hpp"
#include "wire/meta_data.hpp"
#include "wire/stored_data_specifier.hpp"

namespace carillon::storage {

/// A value that a specifier asked for: one that is stored, or the position of one that is not.
struct SelectedValue {
  const StoredEntry* stored{};     ///< Null: nothing is known there.
  wire::StoredDataValue absent{};  ///< Then: says so, at its position (RFC 6940, 7.4.2.2).
};

/// What `specifier` asks for, in the order of positions. A wildcard selects what is stored; named
/// positions come back in any case. Of the gaps of an array, `max_synthesized` are filled in.
[[nodiscard]] std::vector<SelectedValue> select(const KindRecord& record,
                                                const wire::StoredDataSpecifier& specifier,
                                                std::size_t max_synthesized);

/// Does the specifier fit the Kind?
[[nodiscard]] bool fits(const wire::StoredDataSpecifier& specifier, wire::DataModel model);

/// As a Fetch answer has it: without signature if nothing is stored.
[[nodiscard]] wire::StoredData to_stored_data(const SelectedValue& value, WallTime now);
/// As a Stat answer has it: with a SHA-256 of the value and its four length octets (7.4.3.2).
[[nodiscard]] wire::StoredMetaData to_meta_data(const SelectedValue& value, WallTime now);

}  // namespace carillon::storage
