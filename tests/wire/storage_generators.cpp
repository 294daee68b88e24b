// The structures of RFC 6940, 7.
#include "wire/fetch.hpp"
#include "wire/find.hpp"
#include "wire/generator_parts.hpp"
#include "wire/stat.hpp"
#include "wire/store.hpp"

namespace carillon::wire::testing {

std::optional<DataModel> model_of(KindId kind) {
  switch (static_cast<std::uint32_t>(kind) % 4) {
    case 0:
      return DataModel::single_value;
    case 1:
      return DataModel::array;
    case 2:
      return DataModel::dictionary;
    default:
      return std::nullopt;
  }
}

namespace {

DataValue data_value() {
  return {number<bool>(), bytes(100)};
}

StoredData stored_data(KindId kind_id) {
  StoredData data{number<std::uint64_t>(), number<std::uint32_t>(), {}, {}, {}};
  const auto model = model_of(kind_id);
  if (!model) {
    data.unknown = bytes();
    return data;
  }
  data.signature = signature();
  if (*model == DataModel::array)
    data.value.entry = ArrayEntry{number<std::uint32_t>(), data_value()};
  if (*model == DataModel::dictionary) data.value.entry = DictionaryEntry{bytes(), data_value()};
  if (*model == DataModel::single_value) data.value.entry = data_value();
  return data;
}

std::vector<StoredData> stored_values(KindId kind_id) {
  return several([kind_id] { return stored_data(kind_id); }, 3);
}

StoredDataSpecifier specifier() {
  StoredDataSpecifier value{kind(), number<std::uint64_t>(), {}};
  const auto model = model_of(value.kind);
  if (!model) {
    value.model_specifier = UnknownSpecifier{bytes()};
  } else if (*model == DataModel::dictionary) {
    value.model_specifier = DictionarySpecifier{several([] { return bytes(); })};
  } else if (*model == DataModel::array) {
    // In order and apart; then in any order.
    ArraySpecifier ranges;
    std::uint32_t next = 0;
    for (auto count = below(4); count > 0; --count) {
      const auto first = next + static_cast<std::uint32_t>(below(1000));
      const auto last = first + static_cast<std::uint32_t>(below(1000));
      ranges.indices.insert(ranges.indices.begin(), {first, last});
      next = last + 1;
    }
    value.model_specifier = ranges;
  }
  return value;
}

MetaData meta_data() {
  return {number<bool>(), number<std::uint32_t>(), enumeration<HashAlgorithm>(256), bytes(64)};
}

StoredMetaData stored_meta_data(KindId kind_id) {
  StoredMetaData data{number<std::uint64_t>(), number<std::uint32_t>(), UnknownMeta{bytes()}};
  const auto model = model_of(kind_id);
  if (model == DataModel::single_value) data.metadata = meta_data();
  if (model == DataModel::array) {
    data.metadata = ArrayEntryMeta{number<std::uint32_t>(), meta_data()};
  }
  if (model == DataModel::dictionary) data.metadata = DictionaryEntryMeta{bytes(), meta_data()};
  return data;
}

}  // namespace

template <>
StoreReq make() {
  StoreReq request{any_resource(), number<std::uint8_t>(), {}};
  for (const KindId id : kinds()) {
    request.kind_data.push_back({id, number<std::uint64_t>(), stored_values(id)});
  }
  return request;
}

template <>
StoreAns make() {
  return {several([] { return StoreKindResponse{kind(), number<std::uint64_t>(), nodes()}; })};
}

template <>
FetchReq make() {
  return {any_resource(), several(specifier)};
}

template <>
FetchAns make() {
  return {several([] {
    const KindId id = kind();
    return FetchKindResponse{id, number<std::uint64_t>(), stored_values(id)};
  })};
}

template <>
StatReq make() {
  return {any_resource(), several(specifier)};
}

template <>
StatAns make() {
  return {several([] {
    const KindId id = kind();
    return StatKindResponse{id, number<std::uint64_t>(),
                            several([id] { return stored_meta_data(id); }, 3)};
  })};
}

template <>
FindReq make() {
  return {any_resource(), kinds()};
}

template <>
FindAns make() {
  return {several([] { return FindKindData{kind(), any_resource()}; })};
}

}  // namespace carillon::wire::testing
