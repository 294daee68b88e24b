// SIP over TCP, in pieces. The first octet says how large the pieces are.
#include <algorithm>
#include <string_view>

#include "check.hpp"
#include "sip/stream_framer.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const sip::SipLimits limits;
  sip::StreamFramer framer{limits};
  for (std::size_t at = 1; at < size; at += piece) {
    framer.add(ByteView{data + at, std::min(piece, size - at)});
    for (;;) {
      std::string_view message;
      const auto more = framer.next(message);
      if (!more) return 0;
      if (!*more) break;
      check(!message.empty());
      check(message.size() <= limits.message_bytes);
    }
    (void)framer.take_pings();
    check(framer.buffered() <= limits.message_bytes + piece);
  }
  return 0;
}
