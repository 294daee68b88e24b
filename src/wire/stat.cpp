#include "wire/stat.hpp"

namespace carillon::wire {

//   struct {
//     ResourceId              resource;
//     StoredDataSpecifier     specifiers<0..2^16-1>;
//   } StatReq;
StatReq StatReq::decode(Reader& reader, const DataModelOf& models) {
  StatReq request;
  request.resource = read_resource_id(reader, "StatReq.resource");
  request.specifiers = read_list<StoredDataSpecifier>(reader, 2, "StatReq.specifiers", models);
  return request;
}

void StatReq::encode(Writer& writer) const {
  write_resource_id(writer, resource);
  write_list(writer, 2, specifiers);
}

//   struct {
//     KindId                 kind;
//     uint64                 generation;
//     StoredMetaData         values<0..2^32-1>;
//   } StatKindResponse;
StatKindResponse StatKindResponse::decode(Reader& reader, const DataModelOf& models) {
  StatKindResponse response;
  response.kind = read_kind_id(reader, "StatKindResponse.kind");
  response.generation = reader.u64("StatKindResponse.generation");
  response.values =
      read_list<StoredMetaData>(reader, 4, "StatKindResponse.values", models(response.kind));
  return response;
}

void StatKindResponse::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  writer.u64(generation);
  write_list(writer, 4, values);
}

//   struct {
//     StatKindResponse      kind_responses<0..2^32-1>;
//   } StatAns;
StatAns StatAns::decode(Reader& reader, const DataModelOf& models) {
  return {read_list<StatKindResponse>(reader, 4, "StatAns.kind_responses", models)};
}

void StatAns::encode(Writer& writer) const {
  write_list(writer, 4, kind_responses);
}

}  // namespace carillon::wire
