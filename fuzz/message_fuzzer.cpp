// A whole RELOAD message: what decodes must encode to the octets that came, in one piece or
// several.
#include "round_trip.hpp"
#include "wire/message.hpp"

using namespace carillon;

namespace {

void check_payload(ByteView octets) {
  const auto payload = wire::split_payload(octets);
  if (!payload) return;
  const Bytes joined = wire::join_payload(payload->contents_octets, payload->security_block);
  check(std::ranges::equal(joined, octets));
  (void)wire::visit_body_type(payload->contents.message_code,
                              [&]<typename T>(std::type_identity<T>) {
                                check_round_trip<T>(payload->contents.message_body);
                              });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets{data, size};
  if (const auto split = wire::split_message(octets)) {
    const auto joined = wire::join_message(split->header, split->payload);
    check(joined.has_value());
    check(std::ranges::equal(*joined, octets));
    check_payload(split->payload);
  }
  check_round_trip<wire::Message>(octets);
  return 0;
}
