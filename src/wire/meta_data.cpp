#include "wire/meta_data.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {
namespace {

using MetaDataValue = std::variant<MetaData, ArrayEntryMeta, DictionaryEntryMeta, UnknownMeta>;

//   struct {
//     select (DataModel) {
//       case single_value:
//         MetaData              single_value_entry;
//       case array:
//         ArrayEntryMeta        array_entry;
//       case dictionary:
//         DictionaryEntryMeta   dictionary_entry;
//       /* This structure may be extended */
//     };
//   } MetaDataValue;
MetaDataValue read_meta_data_value(Reader& reader, const std::optional<DataModel>& model) {
  if (!model) return UnknownMeta{to_bytes(reader.rest())};
  switch (*model) {
    case DataModel::array:
      return ArrayEntryMeta::decode(reader);
    case DataModel::dictionary:
      return DictionaryEntryMeta::decode(reader);
    case DataModel::single_value:
      break;
  }
  return MetaData::decode(reader);
}

}  // namespace

//   struct {
//     Boolean                exists;
//     uint32                 value_length;
//     HashAlgorithm          hash_algorithm;
//     opaque                 hash_value<0..255>;
//   } MetaData;
MetaData MetaData::decode(Reader& reader) {
  MetaData meta;
  meta.exists = read_boolean(reader, "MetaData.exists");
  meta.value_length = reader.u32("MetaData.value_length");
  meta.hash_algorithm = static_cast<HashAlgorithm>(reader.u8("MetaData.hash_algorithm"));
  meta.hash_value = read_opaque(reader, 1, "MetaData.hash_value");
  return meta;
}

void MetaData::encode(Writer& writer) const {
  write_boolean(writer, exists);
  writer.u32(value_length);
  writer.u8(static_cast<std::uint8_t>(hash_algorithm));
  writer.opaque8(hash_value);
}

//   struct {
//     uint32                 index;
//     MetaData               value;
//   } ArrayEntryMeta;
ArrayEntryMeta ArrayEntryMeta::decode(Reader& reader) {
  ArrayEntryMeta entry;
  entry.index = reader.u32("ArrayEntryMeta.index");
  entry.value = MetaData::decode(reader);
  return entry;
}

void ArrayEntryMeta::encode(Writer& writer) const {
  writer.u32(index);
  value.encode(writer);
}

//   struct {
//     DictionaryKey          key;
//     MetaData               value;
//   } DictionaryEntryMeta;
DictionaryEntryMeta DictionaryEntryMeta::decode(Reader& reader) {
  DictionaryEntryMeta entry;
  entry.key = read_opaque(reader, 2, "DictionaryEntryMeta.key");
  entry.value = MetaData::decode(reader);
  return entry;
}

void DictionaryEntryMeta::encode(Writer& writer) const {
  writer.opaque16(key);
  value.encode(writer);
}

//   struct {
//     uint32                  value_length;  /* of what follows, as StoredData.length */
//     uint64                  storage_time;
//     uint32                  lifetime;
//     MetaDataValue           metadata;
//   } StoredMetaData;
StoredMetaData StoredMetaData::decode(Reader& reader, const std::optional<DataModel>& model) {
  const std::size_t length = reader.u32("StoredMetaData.value_length");
  return within(reader, length, "StoredMetaData", [&](Reader& inner) {
    StoredMetaData data;
    data.storage_time = inner.u64("StoredMetaData.storage_time");
    data.lifetime = inner.u32("StoredMetaData.lifetime");
    data.metadata = read_meta_data_value(inner, model);
    return data;
  });
}

void StoredMetaData::encode(Writer& writer) const {
  writer.sized(4, [&](Writer& inner) {
    inner.u64(storage_time);
    inner.u32(lifetime);
    if (const auto* unknown = std::get_if<UnknownMeta>(&metadata)) {
      inner.bytes(unknown->octets);
    } else if (const auto* array = std::get_if<ArrayEntryMeta>(&metadata)) {
      array->encode(inner);
    } else if (const auto* dictionary = std::get_if<DictionaryEntryMeta>(&metadata)) {
      dictionary->encode(inner);
    } else {
      std::get<MetaData>(metadata).encode(inner);
    }
  });
}

}  // namespace carillon::wire
