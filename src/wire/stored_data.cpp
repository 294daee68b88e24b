#include "wire/stored_data.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {

//   struct {
//     uint32                  length;        /* of what follows */
//     uint64                  storage_time;
//     uint32                  lifetime;
//     StoredDataValue         value;
//     Signature               signature;
//   } StoredData;
StoredData StoredData::decode(Reader& reader, const std::optional<DataModel>& model) {
  const std::size_t length = reader.u32("StoredData.length");
  return within(reader, length, "StoredData", [&](Reader& inner) {
    StoredData data;
    data.storage_time = inner.u64("StoredData.storage_time");
    data.lifetime = inner.u32("StoredData.lifetime");
    if (model) {
      data.value = StoredDataValue::decode(inner, *model);
      data.signature = Signature::decode(inner);
    } else {
      data.unknown = to_bytes(inner.rest());
    }
    return data;
  });
}

void StoredData::encode(Writer& writer) const {
  writer.sized(4, [&](Writer& inner) {
    inner.u64(storage_time);
    inner.u32(lifetime);
    if (unknown) {
      inner.bytes(*unknown);
    } else {
      value.encode(inner);
      signature.encode(inner);
    }
  });
}

}  // namespace carillon::wire
