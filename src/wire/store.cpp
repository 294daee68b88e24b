#include "wire/store.hpp"

#include "wire/kind_list.hpp"

namespace carillon::wire {

//   struct {
//       KindId                 kind;
//       uint64                 generation_counter;
//       StoredData             values<0..2^32-1>;
//   } StoreKindData;
StoreKindData StoreKindData::decode(Reader& reader, const DataModelOf& models) {
  StoreKindData data;
  data.kind = read_kind_id(reader, "StoreKindData.kind");
  data.generation_counter = reader.u64("StoreKindData.generation_counter");
  data.values = read_list<StoredData>(reader, 4, "StoreKindData.values", models(data.kind));
  return data;
}

void StoreKindData::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  writer.u64(generation_counter);
  write_list(writer, 4, values);
}

//   struct {
//       ResourceId             resource;
//       uint8                  replica_number;
//       StoreKindData          kind_data<0..2^32-1>;
//   } StoreReq;
//
// "The same Kind-ID MUST NOT be used twice in a given store request."
StoreReq StoreReq::decode(Reader& reader, const DataModelOf& models) {
  StoreReq request;
  request.resource = read_resource_id(reader, "StoreReq.resource");
  request.replica_number = reader.u8("StoreReq.replica_number");
  request.kind_data = read_list<StoreKindData>(reader, 4, "StoreReq.kind_data", models);
  reject_repeated_kinds(
      reader, request.kind_data, [](const StoreKindData& data) { return data.kind; },
      "StoreReq.kind_data");
  return request;
}

void StoreReq::encode(Writer& writer) const {
  write_resource_id(writer, resource);
  writer.u8(replica_number);
  write_list(writer, 4, kind_data);
}

//   struct {
//     KindId                  kind;
//     uint64                  generation_counter;
//     NodeId                  replicas<0..2^16-1>;
//   } StoreKindResponse;
StoreKindResponse StoreKindResponse::decode(Reader& reader) {
  StoreKindResponse response;
  response.kind = read_kind_id(reader, "StoreKindResponse.kind");
  response.generation_counter = reader.u64("StoreKindResponse.generation_counter");
  response.replicas = read_node_ids(reader, "StoreKindResponse.replicas");
  return response;
}

void StoreKindResponse::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  writer.u64(generation_counter);
  write_node_ids(writer, replicas);
}

//   struct {
//     StoreKindResponse       kind_responses<0..2^16-1>;
//   } StoreAns;
StoreAns StoreAns::decode(Reader& reader) {
  return {read_list<StoreKindResponse>(reader, 2, "StoreAns.kind_responses")};
}

void StoreAns::encode(Writer& writer) const {
  write_list(writer, 2, kind_responses);
}

}  // namespace carillon::wire
