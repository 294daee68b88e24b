// A whole RELOAD message: what decodes must encode to the octets that came.
#include <algorithm>

#include "check.hpp"
#include "wire/message.hpp"
#include "wire/message_body.hpp"

using namespace carillon;

namespace {

void check_body(const wire::MessageContents& contents) {
  wire::visit_body_type(contents.message_code, [&]<typename T>(std::type_identity<T>) {
    const auto body = wire::decode_body<T>(contents.message_body, wire::well_known_data_model);
    if (body) check(wire::encode(*body) == contents.message_body);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets{data, size};
  if (const auto split = wire::split_message(octets)) {
    const auto joined = wire::join_message(split->header, split->payload);
    check(joined.has_value());
    check(std::ranges::equal(*joined, octets));
    if (const auto payload = wire::split_payload(split->payload)) check_body(payload->contents);
  }
  if (const auto message = wire::decode_whole<wire::Message>(octets)) {
    check(std::ranges::equal(wire::encode(*message), octets));
  }
  return 0;
}
