// A SIP datagram, and what a proxy does with it: read every header, add its own, write it out.
#include <algorithm>
#include <string>

#include "check.hpp"
#include "sip/sip_message.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sip::SipLimits limits;
  auto message = sip::SipMessage::parse(ByteView{data, size}, limits);
  if (!message || !message->defect().empty()) return 0;
  (void)message->cseq();
  const std::string before = message->serialize();
  const auto again = sip::SipMessage::parse(
      ByteView{reinterpret_cast<const std::uint8_t*>(before.data()), before.size()}, limits);
  // Only the Content-Length may have been added: then it may be longer than is allowed.
  if (again) {
    check(again->defect().empty());
    check(again->serialize() == before);
    check(again->status() == message->status());
    check(again->body() == message->body());
  } else {
    check(before.size() > size);
  }
  return 0;
}
