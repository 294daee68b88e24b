#include "io/http_server.hpp"

#include <gmock/gmock.h>

#include "loop_support.hpp"

namespace carillon::io {
namespace {

using Socket = boost::asio::ip::tcp::socket;
using security::fails_with;
using testing::HasSubstr;
using testing::StartsWith;

constexpr HttpLimits small_limits{.connections = 3,
                                  .header_octets = 512,
                                  .body_octets = 100,
                                  .request_within = milliseconds{300},
                                  .response_within = milliseconds{300}};

class Http : public testing::Test {
 protected:
  void listen(const std::optional<HttpsIdentity>& identity = {}) {
    server = HttpServer::listen(
                 loop, {loopback(), 0},
                 [this](HttpRequest request, HttpServer::Reply reply) {
                   requests.push_back(std::move(request));
                   replies.push_back(std::move(reply));
                   if (answers_at_once) replies.back()({.body = requests.back().body + "!"});
                 },
                 identity, small_limits)
                 .value();
  }
  Socket connect() {
    Socket socket(loop.context());
    socket.connect(server->local_endpoint());
    socket.non_blocking(true);
    return socket;
  }
  static void write(Socket& socket, const std::string& text) {
    ASSERT_EQ(socket.send(boost::asio::buffer(text)), text.size());
  }
  /// Appends what has come; true once the other side has closed.
  static bool read(Socket& socket, std::string& text) {
    std::array<char, 4096> block{};
    boost::system::error_code error;
    const auto count = socket.receive(boost::asio::buffer(block), 0, error);
    text.append(block.data(), count);
    return error && error != boost::asio::error::would_block;
  }
  std::string read_until_closed(Socket& socket) {
    std::string text;
    EXPECT_TRUE(reaches(loop, [&] { return read(socket, text); }));
    return text;
  }
  std::string ask(const std::string& request) {
    auto socket = connect();
    write(socket, request);
    return read_until_closed(socket);
  }

  EventLoop loop;
  std::vector<HttpRequest> requests;
  std::vector<HttpServer::Reply> replies;
  bool answers_at_once{true};
  std::unique_ptr<HttpServer> server;
};

TEST_F(Http, ARequestInParts) {
  listen();
  const auto answer =
      ask("POST /here?x=y HTTP/1.1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
          "Accept: a/b\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nhello!"));
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].path, "/here");
  EXPECT_EQ(requests[0].content_type, "text/plain");
  EXPECT_EQ(requests[0].accept, "a/b");
}

TEST_F(Http, WhatIsTooLargeIsRefused) {
  listen();
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nx: " + std::string(1000, 'y') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n78\r\n" +
                  std::string(0x78, 'z') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(requests.empty());
}

TEST_F(Http, WhatIsMalformedIsRefused) {
  listen();
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(requests.empty());
}

TEST_F(Http, WhoIsSlowIsCutOff) {
  listen();
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n"), "");
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(Http, WhoSaysNothingMakesRoomForOthers) {
  listen();
  std::vector<Socket> silent;
  for (int i = 0; i < 3; ++i)
    silent.push_back(connect());
  EXPECT_TRUE(reaches(loop, [&] { return server->connections() == 3; }));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_LE(server->connections(), 3U);
}

TEST_F(Http, WhenAllAreBeingAnsweredNobodyElseIsTaken) {
  answers_at_once = false;
  listen();
  std::vector<Socket> busy;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(connect());
    write(busy.back(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  EXPECT_TRUE(reaches(loop, [&] { return replies.size() == 3; }));
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n\r\n"), "");
  replies[1]({.status = 404, .body = "later"});
  EXPECT_THAT(read_until_closed(busy[1]), StartsWith("HTTP/1.1 404 "));
}

TEST_F(Http, AReplyToWhoIsGoneIsHarmless) {
  answers_at_once = false;
  listen();
  {
    auto socket = connect();
    write(socket, "GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(reaches(loop, [&] { return replies.size() == 1; }));
  }
  replies[0]({.body = "too late"});
  EXPECT_TRUE(reaches(loop, [&] { return server->connections() == 0; }));
  server.reset();
  replies[0]({.body = "again"});
}

TEST_F(Http, AnIdentityMustFit) {
  const auto listening = HttpServer::listen(
      loop, {loopback(), 0}, [](const auto&, const auto&) {}, HttpsIdentity{"x", "y"});
  EXPECT_TRUE(fails_with(listening, ErrorCode::invalid_argument));
}

}  // namespace
}  // namespace carillon::io
