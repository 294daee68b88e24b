#include "io/stream.hpp"

#include <gmock/gmock.h>

#include "io/acceptor.hpp"
#include "loop_support.hpp"

namespace carillon::io {
namespace {

using security::TestOverlay;
using testing::ElementsAre;
using testing::HasSubstr;

/// One side of a connection and what happened to it.
struct Side {
  std::shared_ptr<Stream> stream;
  bool opened{false};
  std::vector<Bytes> chain;
  std::string received;
  std::vector<std::string> pieces;
  std::optional<std::string> closed;

  StreamEvents events() {
    return {.opened =
                [this](std::vector<Bytes> shown) {
                  opened = true;
                  chain = std::move(shown);
                },
            .bytes =
                [this](ByteView octets) {
                  received += as_text(octets);
                  pieces.emplace_back(as_text(octets));
                },
            .closed = [this](std::string reason) { closed = std::move(reason); }};
  }
};

/// Two streams across loopback, under TLS or not.
class StreamPair : public testing::TestWithParam<bool> {
 protected:
  StreamPair() {
    if (GetParam()) {
      client_tls = tls_of(client_node);
      server_tls = tls_of(server_node);
    }
    acceptor = Acceptor::listen(loop, {loopback(), 0},
                                [this](Stream::Socket socket, const Stream::Endpoint&) {
                                  server.stream = Stream::accept(
                                      loop, std::move(socket), server_tls, limits, server.events());
                                })
                   .value();
  }

  void open() {
    client.stream =
        Stream::connect(loop, acceptor->local_endpoint(), client_tls, limits, client.events());
    ASSERT_TRUE(reaches(loop, [this] { return client.opened && server.opened; }));
  }

  TestOverlay overlay;
  security::Issued client_node = overlay.node();
  security::Issued server_node = overlay.node();
  EventLoop loop;
  StreamLimits limits;
  std::optional<TlsContext> client_tls;
  std::optional<TlsContext> server_tls;
  std::unique_ptr<Acceptor> acceptor;
  Side client;
  Side server;
};
INSTANTIATE_TEST_SUITE_P(PlainAndTls, StreamPair, testing::Bool(),
                         [](const auto& row) { return row.param ? "Tls" : "Plain"; });

TEST_P(StreamPair, CarriesOctetsBothWays) {
  open();
  client.stream->send(as_bytes("there"));
  server.stream->send(as_bytes("back"));
  ASSERT_TRUE(
      reaches(loop, [this] { return !client.received.empty() && !server.received.empty(); }));
  EXPECT_EQ(server.received, "there");
  EXPECT_EQ(client.received, "back");
}

TEST_P(StreamPair, ShowsCertificatesUnderTlsOnly) {
  open();
  if (GetParam()) {
    EXPECT_THAT(client.chain, ElementsAre(server_node.certificate->der()));
    EXPECT_THAT(server.chain, ElementsAre(client_node.certificate->der()));
  } else {
    EXPECT_TRUE(client.chain.empty());
    EXPECT_TRUE(server.chain.empty());
  }
}

TEST_P(StreamPair, WhatWasSentBeforeClosingArrives) {
  open();
  const std::string much(300'000, 'x');
  client.stream->send(as_bytes(much));
  client.stream->close();
  ASSERT_TRUE(reaches(loop, [this] { return server.closed.has_value(); }));
  EXPECT_EQ(server.received.size(), much.size());
  EXPECT_EQ(server.closed, "closed by the other side");
  EXPECT_FALSE(client.closed) << "who closes is not told";
}

TEST_P(StreamPair, AResetIsNoticed) {
  open();
  client.stream->abort();
  ASSERT_TRUE(reaches(loop, [this] { return server.closed.has_value(); }));
}

TEST_P(StreamPair, LivesAsLongAsItsConnection) {
  open();
  client.stream.reset();
  server.stream->send(as_bytes("anybody?"));
  EXPECT_TRUE(reaches(loop, [this] { return client.received == "anybody?"; }));
}

TEST_P(StreamPair, AQueueThatIsNotReadBreaksTheConnection) {
  limits.queued_octets = 100'000;
  open();
  const std::string block(60'000, 'x');
  client.stream->send(as_bytes(block));
  client.stream->send(as_bytes(block));
  EXPECT_FALSE(client.closed) << "never from inside the call";
  ASSERT_TRUE(reaches(loop, [this] { return client.closed.has_value(); }));
  EXPECT_THAT(*client.closed, HasSubstr("queue"));
  client.stream->send(as_bytes("more"));  // Harmless.
  ASSERT_TRUE(reaches(loop, [this] { return server.closed.has_value(); }));
}

TEST_P(StreamPair, ClosingFromInsideAnEventIsSafe) {
  open();
  auto events = server.events();
  events.bytes = [this](ByteView) { server.stream->close(); };
  server.stream->replace_events(std::move(events));
  client.stream->send(as_bytes("go away"));
  ASSERT_TRUE(reaches(loop, [this] { return client.closed.has_value(); }));
  EXPECT_FALSE(server.closed);
}

TEST_P(StreamPair, NothingIsToldAfterClosingAFailedStream) {
  limits.queued_octets = 10;
  open();
  client.stream->send(as_bytes("more than ten octets"));  // Fails, to be told later,
  client.stream->close();                                 // which nobody wants any more.
  ASSERT_TRUE(reaches(loop, [this] { return server.closed.has_value(); }));
  EXPECT_FALSE(client.closed);
}

TEST_P(StreamPair, NobodyListening) {
  const auto where = acceptor->local_endpoint();
  acceptor->close();
  client.stream = Stream::connect(loop, where, client_tls, limits, client.events());
  ASSERT_TRUE(reaches(loop, [this] { return client.closed.has_value(); }));
  EXPECT_FALSE(client.opened);
}

TEST(Stream, EachSendIsARecordOfItsOwn) {
  TestOverlay overlay;
  EventLoop loop;
  Side client;
  Side server;
  const std::optional tls = tls_of(overlay.node());
  const auto acceptor =
      Acceptor::listen(loop, {loopback(), 0}, [&](Stream::Socket socket, const Stream::Endpoint&) {
        server.stream = Stream::accept(loop, std::move(socket), tls, {}, server.events());
      }).value();
  client.stream = Stream::connect(loop, acceptor->local_endpoint(), tls, {}, client.events());
  ASSERT_TRUE(reaches(loop, [&] { return client.opened; }));
  client.stream->send(as_bytes("one"));
  client.stream->send(as_bytes("two"));
  client.stream->send(as_bytes("three"));
  ASSERT_TRUE(reaches(loop, [&] { return server.pieces.size() == 3; }));
  EXPECT_THAT(server.pieces, ElementsAre("one", "two", "three"));
}

TEST(Stream, AHandshakeThatNeverComesIsGivenUp) {
  TestOverlay overlay;
  EventLoop loop;
  Side server;
  const std::optional tls = tls_of(overlay.node());
  const StreamLimits limits{.open_within = milliseconds{50}};
  const auto acceptor =
      Acceptor::listen(loop, {loopback(), 0}, [&](Stream::Socket socket, const Stream::Endpoint&) {
        server.stream = Stream::accept(loop, std::move(socket), tls, limits, server.events());
      }).value();
  Side mute;  // Speaks TCP, but never TLS.
  mute.stream = Stream::connect(loop, acceptor->local_endpoint(), {}, {}, mute.events());
  ASSERT_TRUE(reaches(loop, [&] { return server.closed.has_value(); }));
  EXPECT_EQ(*server.closed, "no handshake in time");
  ASSERT_TRUE(reaches(loop, [&] { return mute.closed.has_value(); }));
}

TEST(Stream, WhoSpeaksNoTlsIsToldByAnAlert) {
  TestOverlay overlay;
  EventLoop loop;
  Side server;
  const std::optional tls = tls_of(overlay.node());
  const auto acceptor =
      Acceptor::listen(loop, {loopback(), 0}, [&](Stream::Socket socket, const Stream::Endpoint&) {
        server.stream = Stream::accept(loop, std::move(socket), tls, {}, server.events());
      }).value();
  Side plain;
  plain.stream = Stream::connect(loop, acceptor->local_endpoint(), {}, {}, plain.events());
  ASSERT_TRUE(reaches(loop, [&] { return plain.opened; }));
  plain.stream->send(as_bytes("REGISTER sip:example.org SIP/2.0\r\n\r\n"));
  ASSERT_TRUE(reaches(loop, [&] { return server.closed && plain.closed; }));
  EXPECT_THAT(*server.closed, HasSubstr("TLS"));
  EXPECT_FALSE(server.opened);
}

TEST(Acceptor, SaysWhichPortIsInUse) {
  EventLoop loop;
  const auto first = Acceptor::listen(loop, {loopback(), 0}, [](auto, const auto&) {}).value();
  const auto second = Acceptor::listen(loop, first->local_endpoint(), [](auto, const auto&) {});
  EXPECT_TRUE(
      security::fails_with(second, ErrorCode::io, std::to_string(first->local_endpoint().port())));
}

}  // namespace
}  // namespace carillon::io
