// What another peer stored under carillon_contacts.
#include "check.hpp"
#include "usage/sip/contact_list.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets{data, size};
  const auto list = usage::decode_contact_list(octets);
  if (!list) {
    check(list.error().offset <= size);
    return 0;
  }
  // What could be read can be written, and means the same then.
  const auto again = usage::encode_contact_list(*list);
  check(again.has_value());
  check(usage::decode_contact_list(*again) == list);
  return 0;
}
