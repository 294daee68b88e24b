#include "wire/turn_server.hpp"

namespace carillon::wire {

//   struct {
//     uint8                   iteration;
//     IpAddressPort           server_address;
//   } TurnServer;
TurnServer TurnServer::decode(Reader& reader) {
  TurnServer value;
  value.iteration = reader.u8("TurnServer.iteration");
  value.server_address = IpAddressPort::decode(reader);
  return value;
}

void TurnServer::encode(Writer& writer) const {
  writer.u8(iteration);
  server_address.encode(writer);
}

}  // namespace carillon::wire
