// Datagrams of STUN, from an IPv4 and from an IPv6 address.
#include "check.hpp"
#include "sip/stun.hpp"

using namespace carillon;
using namespace carillon::sip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto* host : {"192.0.2.1", "2001:db8::1"}) {
    const auto answer = answer_stun({data, size}, {host, 5060});
    check(!answer || answer->size() <= size + 28);
    // What we say is no request: two of us never answer each other.
    check(!answer || !answer_stun(as_bytes(*answer), {host, 5060}));
  }
  return 0;
}
