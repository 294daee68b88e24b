#include "storage/fetch.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace carillon::storage {

namespace {

using Selection = std::vector<SelectedValue>;

std::uint32_t index_of(const StoredEntry& entry) {
  return std::get<wire::ArrayEntry>(entry.data.value.entry).index;
}

/// One range of an array; 0xffffffff stands for the last element (7.4.2.1).
void select_range(const KindRecord& record, wire::ArrayRange range, std::size_t& gaps_left,
                  Selection& selection) {
  if (range.last == wire::ArrayRange::final_element) {
    if (record.entries.empty()) return;
    range.last = index_of(record.entries.back());
    range.first = std::min(range.first, range.last);
  }
  auto entry = std::ranges::lower_bound(record.entries, range.first, {}, index_of);
  std::uint64_t next = range.first;
  while (next <= range.last) {
    const bool more = entry != record.entries.end() && index_of(*entry) <= range.last;
    const std::uint64_t stop = more ? index_of(*entry) : std::uint64_t{range.last} + 1;
    for (; next < stop && gaps_left > 0; ++next, --gaps_left) {
      selection.push_back(
          {nullptr, {wire::ArrayEntry{.index = static_cast<std::uint32_t>(next), .value = {}}}});
    }
    if (!more) return;
    selection.push_back({&*entry, {}});
    next = stop + 1;
    ++entry;
  }
}

Selection select_keys(const KindRecord& record, const std::vector<Bytes>& keys) {
  Selection selection;
  for (const auto& key : keys) {
    const wire::StoredDataValue absent{wire::DictionaryEntry{.key = key, .value = {}}};
    const auto* stored = record.find(absent);
    selection.push_back({stored, absent});
  }
  return selection;
}

Selection select_all(const KindRecord& record) {
  Selection selection;
  for (const auto& entry : record.entries)
    selection.push_back({&entry, {}});
  return selection;
}

wire::MetaData describe(const wire::DataValue& value, bool synthesized) {
  wire::MetaData data{.exists = value.exists,
                      .value_length = static_cast<std::uint32_t>(value.value.size()),
                      .hash_algorithm = wire::HashAlgorithm::none,
                      .hash_value = {}};
  if (synthesized) return data;
  Writer hashed;
  hashed.opaque32(value.value);
  const auto digest = sha256(hashed.view());
  data.hash_algorithm = wire::HashAlgorithm::sha256;
  data.hash_value.assign(digest.begin(), digest.end());
  return data;
}

}  // namespace

bool fits(const wire::StoredDataSpecifier& specifier, wire::DataModel model) {
  switch (model) {
    case wire::DataModel::single_value:
      return std::holds_alternative<wire::SingleValueSpecifier>(specifier.model_specifier);
    case wire::DataModel::array:
      return std::holds_alternative<wire::ArraySpecifier>(specifier.model_specifier);
    case wire::DataModel::dictionary:
      return std::holds_alternative<wire::DictionarySpecifier>(specifier.model_specifier);
  }
  return false;
}

std::vector<SelectedValue> select(const KindRecord& record,
                                  const wire::StoredDataSpecifier& specifier,
                                  std::size_t max_synthesized) {
  if (const auto* array = std::get_if<wire::ArraySpecifier>(&specifier.model_specifier)) {
    Selection selection;
    for (const auto& range : array->indices)
      select_range(record, range, max_synthesized, selection);
    return selection;
  }
  if (const auto* dictionary = std::get_if<wire::DictionarySpecifier>(&specifier.model_specifier)) {
    return dictionary->keys.empty() ? select_all(record) : select_keys(record, dictionary->keys);
  }
  if (record.entries.empty()) return {{nullptr, {wire::DataValue{}}}};
  return select_all(record);
}

wire::StoredData to_stored_data(const SelectedValue& value, WallTime now) {
  if (value.stored != nullptr) return value.stored->at(now);
  wire::StoredData made;
  made.value = value.absent;
  return made;
}

wire::StoredMetaData to_meta_data(const SelectedValue& value, WallTime now) {
  const wire::StoredData data = to_stored_data(value, now);
  const bool synthesized = value.stored == nullptr;
  wire::StoredMetaData meta{data.storage_time, data.lifetime, {}};
  if (const auto* array = std::get_if<wire::ArrayEntry>(&data.value.entry)) {
    meta.metadata = wire::ArrayEntryMeta{array->index, describe(array->value, synthesized)};
  } else if (const auto* entry = std::get_if<wire::DictionaryEntry>(&data.value.entry)) {
    meta.metadata = wire::DictionaryEntryMeta{entry->key, describe(entry->value, synthesized)};
  } else {
    meta.metadata = describe(data.value.data_value(), synthesized);
  }
  return meta;
}

}  // namespace carillon::storage
