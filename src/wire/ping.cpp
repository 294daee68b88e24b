#include "wire/ping.hpp"

namespace carillon::wire {

//   struct {
//     opaque<0..2^16-1> padding;
//   } PingReq;
PingReq PingReq::decode(Reader& reader) {
  return {read_opaque(reader, 2, "PingReq.padding")};
}

void PingReq::encode(Writer& writer) const {
  writer.opaque16(padding);
}

//   struct {
//     uint64                 response_id;
//     uint64                 time;
//   } PingAns;
PingAns PingAns::decode(Reader& reader) {
  PingAns value;
  value.response_id = reader.u64("PingAns.response_id");
  value.time = reader.u64("PingAns.time");
  return value;
}

void PingAns::encode(Writer& writer) const {
  writer.u64(response_id);
  writer.u64(time);
}

}  // namespace carillon::wire
