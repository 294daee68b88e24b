// What arrives on one connection, in pieces, while time passes. The first octet says how large the
// pieces are.
#include <algorithm>

#include "check.hpp"
#include "link/link.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  MonotonicTime now{};
  link::Link link{{}, now};
  check(link.send(now, Bytes(64)).has_value());
  for (std::size_t at = 1; at < size; at += piece) {
    now += milliseconds{50};
    link.handle_time(now);
    const auto taken = link.handle_bytes(now, ByteView{data + at, std::min(piece, size - at)});
    while (link.poll_message()) {
    }
    while (link.poll_frame()) {
    }
    while (link.poll_signal()) {
    }
    if (!taken) break;
  }
  return 0;
}
