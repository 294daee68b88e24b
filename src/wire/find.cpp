#include "wire/find.hpp"

#include "wire/kind_list.hpp"

namespace carillon::wire {

//   struct {
//     ResourceId                 resource;
//     KindId                     kinds<0..2^8-1>;
//   } FindReq;
//
// "Each value MUST appear only once. Otherwise, the request MUST be rejected with an error."
FindReq FindReq::decode(Reader& reader) {
  FindReq request;
  request.resource = read_resource_id(reader, "FindReq.resource");
  request.kinds = read_list_of(reader, 1, "FindReq.kinds",
                               [](Reader& inner) { return read_kind_id(inner, "FindReq.kinds"); });
  reject_repeated_kinds(reader, request.kinds, [](KindId kind) { return kind; }, "FindReq.kinds");
  return request;
}

void FindReq::encode(Writer& writer) const {
  write_resource_id(writer, resource);
  writer.sized(1, [&](Writer& inner) {
    for (const KindId kind : kinds)
      write_kind_id(inner, kind);
  });
}

//   struct {
//     KindId                      kind;
//     ResourceId                  closest;
//   } FindKindData;
FindKindData FindKindData::decode(Reader& reader) {
  FindKindData data;
  data.kind = read_kind_id(reader, "FindKindData.kind");
  data.closest = read_resource_id(reader, "FindKindData.closest");
  return data;
}

void FindKindData::encode(Writer& writer) const {
  write_kind_id(writer, kind);
  write_resource_id(writer, closest);
}

//   struct {
//     FindKindData                results<0..2^16-1>;
//   } FindAns;
FindAns FindAns::decode(Reader& reader) {
  return {read_list<FindKindData>(reader, 2, "FindAns.results")};
}

void FindAns::encode(Writer& writer) const {
  write_list(writer, 2, results);
}

}  // namespace carillon::wire
