// The body of a message: the first two octets are its code, so that each structure is reached
// without a valid header around it.
#include "check.hpp"
#include "wire/message_body.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

using namespace carillon;

namespace {

template <typename T>
void check_whole(ByteView octets) {
  if (const auto value = wire::decode_whole<T>(octets)) {
    const auto encoded = wire::encode(*value);
    check(encoded == Bytes(octets.begin(), octets.end()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto code = static_cast<wire::MessageCode>((data[0] << 8) | data[1]);
  const ByteView octets{data + 2, size - 2};
  wire::visit_body_type(code, [&]<typename T>(std::type_identity<T>) {
    const auto body = wire::decode_body<T>(octets, wire::well_known_data_model);
    if (body) check(wire::encode(*body) == Bytes(octets.begin(), octets.end()));
  });
  check_whole<wire::SipRegistration>(octets);
  check_whole<wire::TurnServer>(octets);
  return 0;
}
