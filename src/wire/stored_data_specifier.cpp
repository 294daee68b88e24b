#include "wire/stored_data_specifier.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

using ModelSpecifier =
    std::variant<SingleValueSpecifier, ArraySpecifier, DictionarySpecifier, UnknownSpecifier>;

ArraySpecifier read_ranges(Reader& reader) {
  const std::size_t at = reader.offset();
  ArraySpecifier specifier{read_list<ArrayRange>(reader, 2, "StoredDataSpecifier.indices")};
  auto sorted = specifier.indices;
  std::ranges::sort(sorted, {}, &ArrayRange::first);
  const auto overlap = std::ranges::adjacent_find(
      sorted, [](const ArrayRange& a, const ArrayRange& b) { return b.first <= a.last; });
  if (overlap != sorted.end()) {
    reader.reject_at("StoredDataSpecifier.indices", at, "has ranges that overlap");
  }
  return specifier;
}

DictionarySpecifier read_keys(Reader& reader) {
  return {read_list_of(reader, 2, "StoredDataSpecifier.keys", [](Reader& inner) {
    return read_opaque(inner, 2, "StoredDataSpecifier.keys");
  })};
}

ModelSpecifier read_model_specifier(Reader& reader, const std::optional<DataModel>& model) {
  if (!model) return UnknownSpecifier{to_bytes(reader.rest())};
  switch (*model) {
    case DataModel::array:
      return read_ranges(reader);
    case DataModel::dictionary:
      return read_keys(reader);
    case DataModel::single_value:
      break;
  }
  return SingleValueSpecifier{};
}

}  // namespace

//   struct {
//     int32            first;
//     int32            last;
//   } ArrayRange;
//
// "The first integer MUST be less than or equal to the second." As unsigned numbers: 0xffffffff is
// the final element.
ArrayRange ArrayRange::decode(Reader& reader) {
  const std::size_t at = reader.offset();
  ArrayRange range;
  range.first = reader.u32("ArrayRange.first");
  range.last = reader.u32("ArrayRange.last");
  if (range.first > range.last) {
    reader.reject_at("ArrayRange.first", at,
                     "is " + hex_number(range.first) + ", after last, " + hex_number(range.last));
  }
  return range;
}

void ArrayRange::encode(Writer& writer) const {
  writer.u32(first);
  writer.u32(last);
}

StoredDataSpecifier StoredDataSpecifier::all(KindId kind, DataModel model,
                                             std::uint64_t generation) {
  StoredDataSpecifier specifier{kind, generation, SingleValueSpecifier{}};
  if (model == DataModel::array) specifier.model_specifier = ArraySpecifier{{ArrayRange{}}};
  if (model == DataModel::dictionary) specifier.model_specifier = DictionarySpecifier{};
  return specifier;
}

//   struct {
//     KindId                  kind;
//     uint64                  generation;
//     uint16                  length;        /* of what follows */
//
//     select (DataModel) {
//       case single_value: ;    /* Empty */
//
//       case array:
//            ArrayRange       indices<0..2^16-1>;
//
//       case dictionary:
//            DictionaryKey    keys<0..2^16-1>;
//
//       /* This structure may be extended */
//
//     } model_specifier;
//   } StoredDataSpecifier;
StoredDataSpecifier StoredDataSpecifier::decode(Reader& reader, const DataModelOf& models) {
  StoredDataSpecifier specifier;
  specifier.kind = read_kind_id(reader, "StoredDataSpecifier.kind");
  specifier.generation = reader.u64("StoredDataSpecifier.generation");
  const std::size_t length = reader.u16("StoredDataSpecifier.length");
  specifier.model_specifier =
      within(reader, length, "StoredDataSpecifier.model_specifier",
             [&](Reader& inner) { return read_model_specifier(inner, models(specifier.kind)); });
  return specifier;
}

void StoredDataSpecifier::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  writer.u64(generation);
  writer.sized(2, [&](Writer& inner) {
    if (const auto* array = std::get_if<ArraySpecifier>(&model_specifier)) {
      write_list(inner, 2, array->indices);
    } else if (const auto* dictionary = std::get_if<DictionarySpecifier>(&model_specifier)) {
      inner.sized(2, [&](Writer& list) {
        for (const Bytes& key : dictionary->keys)
          list.opaque16(key);
      });
    } else if (const auto* unknown = std::get_if<UnknownSpecifier>(&model_specifier)) {
      inner.bytes(unknown->octets);
    }
  });
}

}  // namespace carillon::wire
