// Frames in a stream (RFC 6940, 6.6.2).
#include "round_trip.hpp"
#include "wire/framed_message.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_message = 5000;
  ByteView stream{data, size};
  check_round_trip<wire::FramedMessage>(stream);
  while (true) {
    const auto frame = wire::next_frame(stream, max_message);
    if (!frame || !*frame) return 0;
    const std::size_t taken = (*frame)->size;
    check(taken > 0 && taken <= stream.size());
    check(std::ranges::equal(wire::encode((*frame)->framed), stream.first(taken)));
    stream = stream.subspan(taken);
  }
}
