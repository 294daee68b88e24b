#include "wire/route_query.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {

//   struct {
//     Boolean                send_update;
//     Destination            destination;
//     opaque                 overlay_specific_data<0..2^16-1>;
//   } RouteQueryReq;
RouteQueryReq RouteQueryReq::decode(Reader& reader) {
  RouteQueryReq value;
  value.send_update = read_boolean(reader, "RouteQueryReq.send_update");
  value.destination = Destination::decode(reader);
  value.overlay_specific_data = read_opaque(reader, 2, "RouteQueryReq.overlay_specific_data");
  return value;
}

void RouteQueryReq::encode(Writer& writer) const {
  write_boolean(writer, send_update);
  destination.encode(writer);
  writer.opaque16(overlay_specific_data);
}

// "This message is completely overlay specific."
RouteQueryAns RouteQueryAns::decode(Reader& reader) {
  return {to_bytes(reader.rest())};
}

void RouteQueryAns::encode(Writer& writer) const {
  writer.bytes(overlay_specific_data);
}

}  // namespace carillon::wire
