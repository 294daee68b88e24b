#include "io/web_socket.hpp"

#include <gmock/gmock.h>

#include "io/web_socket_handshake.hpp"

namespace carillon::io {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// RFC 6455, 1.3, with SIP's subprotocol as in RFC 7118, 4.1.
const std::string example_handshake =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: "
    "Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
    "Sec-WebSocket-Protocol: chat, sip\r\nSec-WebSocket-Version: 13\r\n\r\n";

TEST(WebSocketHandshake, IsAnsweredAsInTheRfc) {
  const auto answer = answer_handshake(example_handshake, {});
  EXPECT_TRUE(answer.accepted);
  EXPECT_THAT(answer.response, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(answer.response, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(answer.response, HasSubstr("Sec-WebSocket-Protocol: sip\r\n"));
}

TEST(WebSocketHandshake, OnlyFromWhereItMayCome) {
  EXPECT_TRUE(answer_handshake(example_handshake, {"http://Example.com"}).accepted);
  EXPECT_THAT(answer_handshake(example_handshake, {"https://example.com"}).response,
              StartsWith("HTTP/1.1 403 "));
}

TEST(WebSocketFrame, HeadsInTheExamplesOfTheRfc) {
  // RFC 6455, 5.7: a masked "Hello".
  std::string hello{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"};
  const auto head = read_frame_head(as_bytes(hello)).value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->opcode, WebSocketOpcode::text);
  EXPECT_TRUE(head->final);
  EXPECT_EQ(head->payload, 5U);
  unmask(hello, 0, *head);
  EXPECT_EQ(hello.substr(head->size), "Hello");
  EXPECT_EQ(make_frame(WebSocketOpcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_THAT(make_frame(WebSocketOpcode::binary, std::string(256, 'x')),
              StartsWith(std::string("\x82\x7e\x01\x00", 4)));
  EXPECT_THAT(make_frame(WebSocketOpcode::binary, std::string(65536, 'x')),
              StartsWith(std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10)));
}

TEST(WebSocketFrame, HeadsThatAreNotThereYet) {
  const std::string octets{"\x81\xfe\x01\x00mask", 8};
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto head = read_frame_head(as_bytes(octets).first(size));
    ASSERT_TRUE(head) << size;
    EXPECT_FALSE(*head) << size;
  }
  EXPECT_EQ(read_frame_head(as_bytes(octets)).value()->payload, 256U);
}

TEST(WebSocketTest, HoldsNothingWhenIdle) {
  WebSocket socket{std::make_shared<WebSocketOptions>()};
  socket.add(as_bytes(example_handshake));
  EXPECT_EQ(socket.state(), WebSocket::State::open);
  EXPECT_THAT(socket.take_output(), StartsWith("HTTP/1.1 101 "));
  EXPECT_FALSE(socket.has_more());
  const std::string_view hello{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"};
  socket.add(as_bytes(hello));
  const auto message = socket.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(as_text(*message), "Hello");
  EXPECT_FALSE(socket.next());
  EXPECT_FALSE(socket.has_more());
  EXPECT_THAT(socket.take_output(), IsEmpty());
}

TEST(WebSocketTest, BinaryIfItIsNoText) {
  EXPECT_EQ(WebSocket::frame("abc"),
            "\x81\x03"
            "abc");
  EXPECT_EQ(WebSocket::frame("\xff"), "\x82\x01\xff");
}

}  // namespace
}  // namespace carillon::io
