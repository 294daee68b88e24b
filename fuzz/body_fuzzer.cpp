// The body of a message: the first two octets are its code, so that each structure is reached
// without a valid header around it. Then the structures that stand inside opaque fields.
#include "round_trip.hpp"
#include "wire/chord_leave_data.hpp"
#include "wire/sip_registration.hpp"
#include "wire/turn_server.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto code = static_cast<wire::MessageCode>((data[0] << 8) | data[1]);
  const ByteView octets{data + 2, size - 2};
  (void)wire::visit_body_type(
      code, [&]<typename T>(std::type_identity<T>) { check_round_trip<T>(octets); });
  check_round_trip<wire::SipRegistration>(octets);
  check_round_trip<wire::TurnServer>(octets);
  check_round_trip<wire::ChordLeaveData>(octets);
  check_round_trip<wire::UnknownKinds>(octets);
  return 0;
}
