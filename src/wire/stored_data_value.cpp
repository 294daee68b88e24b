#include "wire/stored_data_value.hpp"

namespace carillon::wire {

//   struct {
//     Boolean                exists;
//     opaque                 value<0..2^32-1>;
//   } DataValue;
DataValue DataValue::decode(Reader& reader) {
  DataValue data;
  data.exists = read_boolean(reader, "DataValue.exists");
  data.value = read_opaque(reader, 4, "DataValue.value");
  return data;
}

void DataValue::encode(Writer& writer) const {
  write_boolean(writer, exists);
  writer.opaque32(value);
}

//   struct {
//     uint32                  index;
//     DataValue               value;
//   } ArrayEntry;
ArrayEntry ArrayEntry::decode(Reader& reader) {
  ArrayEntry entry;
  entry.index = reader.u32("ArrayEntry.index");
  entry.value = DataValue::decode(reader);
  return entry;
}

void ArrayEntry::encode(Writer& writer) const {
  writer.u32(index);
  value.encode(writer);
}

//   typedef opaque           DictionaryKey<0..2^16-1>;
//
//   struct {
//     DictionaryKey          key;
//     DataValue              value;
//   } DictionaryEntry;
DictionaryEntry DictionaryEntry::decode(Reader& reader) {
  DictionaryEntry entry;
  entry.key = read_opaque(reader, 2, "DictionaryEntry.key");
  entry.value = DataValue::decode(reader);
  return entry;
}

void DictionaryEntry::encode(Writer& writer) const {
  writer.opaque16(key);
  value.encode(writer);
}

DataModel StoredDataValue::model() const {
  if (std::holds_alternative<ArrayEntry>(entry)) return DataModel::array;
  return std::holds_alternative<DictionaryEntry>(entry) ? DataModel::dictionary
                                                        : DataModel::single_value;
}

const DataValue& StoredDataValue::data_value() const {
  if (const auto* array = std::get_if<ArrayEntry>(&entry)) return array->value;
  if (const auto* dictionary = std::get_if<DictionaryEntry>(&entry)) return dictionary->value;
  return std::get<DataValue>(entry);
}

DataValue& StoredDataValue::data_value() {
  return const_cast<DataValue&>(std::as_const(*this).data_value());  // NOLINT: we are not const
}

void StoredDataValue::encode_for_signature(Writer& writer) const {
  const std::size_t start = writer.size();
  encode(writer);
  // Appended values get their index from who stores them, so the index is not signed (7.4.2.2).
  if (model() == DataModel::array) writer.patch(start, 0, 4);
}

//   struct {
//     select (DataModel) {
//       case single_value:
//         DataValue             single_value_entry;
//       case array:
//         ArrayEntry            array_entry;
//       case dictionary:
//         DictionaryEntry       dictionary_entry;
//       /* This structure may be extended */
//     };
//   } StoredDataValue;
StoredDataValue StoredDataValue::decode(Reader& reader, DataModel model) {
  switch (model) {
    case DataModel::array:
      return {ArrayEntry::decode(reader)};
    case DataModel::dictionary:
      return {DictionaryEntry::decode(reader)};
    case DataModel::single_value:
      break;
  }
  return {DataValue::decode(reader)};
}

void StoredDataValue::encode(Writer& writer) const {
  std::visit([&](const auto& value) { value.encode(writer); }, entry);
}

}  // namespace carillon::wire
