#include "wire/fetch.hpp"

namespace carillon::wire {

//   struct {
//     ResourceId              resource;
//     StoredDataSpecifier     specifiers<0..2^16-1>;
//   } FetchReq;
FetchReq FetchReq::decode(Reader& reader, const DataModelOf& models) {
  FetchReq request;
  request.resource = read_resource_id(reader, "FetchReq.resource");
  request.specifiers = read_list<StoredDataSpecifier>(reader, 2, "FetchReq.specifiers", models);
  return request;
}

void FetchReq::encode(Writer& writer) const {
  write_resource_id(writer, resource);
  write_list(writer, 2, specifiers);
}

//   struct {
//     KindId                 kind;
//     uint64                 generation;
//     StoredData             values<0..2^32-1>;
//   } FetchKindResponse;
FetchKindResponse FetchKindResponse::decode(Reader& reader, const DataModelOf& models) {
  FetchKindResponse response;
  response.kind = read_kind_id(reader, "FetchKindResponse.kind");
  response.generation = reader.u64("FetchKindResponse.generation");
  response.values =
      read_list<StoredData>(reader, 4, "FetchKindResponse.values", models(response.kind));
  return response;
}

void FetchKindResponse::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  writer.u64(generation);
  write_list(writer, 4, values);
}

//   struct {
//     FetchKindResponse      kind_responses<0..2^32-1>;
//   } FetchAns;
FetchAns FetchAns::decode(Reader& reader, const DataModelOf& models) {
  return {read_list<FetchKindResponse>(reader, 4, "FetchAns.kind_responses", models)};
}

void FetchAns::encode(Writer& writer) const {
  write_list(writer, 4, kind_responses);
}

}  // namespace carillon::wire
