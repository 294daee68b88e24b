// A WebSocket from its first octet on, in pieces. The first octet says how large the pieces are;
// if it is odd, the handshake is done already.
#include <algorithm>

#include "base/bytes.hpp"
#include "check.hpp"
#include "io/web_socket.hpp"

using namespace carillon;
using namespace carillon::io;

namespace {

constexpr std::string_view handshake =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";
constexpr std::size_t message_limit = 2000;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const auto options =
      std::make_shared<const WebSocketOptions>(WebSocketOptions{{}, 1000, message_limit});
  WebSocket socket{options};
  if (data[0] % 2 == 1) {
    socket.add(as_bytes(handshake));
    check(socket.state() == WebSocket::State::open);
  }
  const std::size_t piece = std::size_t{data[0]} + 1;
  for (std::size_t at = 1; at < size; at += piece) {
    socket.add({data + at, std::min(piece, size - at)});
    while (const auto message = socket.next())
      check(message->size() <= message_limit);
    // A pong is no longer than its ping; the handshake's answer is short.
    check(socket.take_output().size() <= size + 512);
  }
  return 0;
}
