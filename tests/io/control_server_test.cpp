#include "io/control_server.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <gmock/gmock.h>

#include "io/files.hpp"
#include "loop_support.hpp"

namespace carillon::io {
namespace {

using Protocol = boost::asio::local::stream_protocol;
using security::fails_with;

class Control : public testing::Test {
 protected:
  void listen() {
    server =
        ControlServer::listen(loop, path, [this](std::string line, ControlServer::Reply reply) {
          asked.push_back(std::move(line));
          replies.push_back(std::move(reply));
        }).value();
  }
  Protocol::socket connect() {
    Protocol::socket socket(loop.context());
    socket.connect(Protocol::endpoint{path.string()});
    socket.non_blocking(true);
    return socket;
  }
  static void write(Protocol::socket& socket, const std::string& text) {
    ASSERT_EQ(socket.send(boost::asio::buffer(text)), text.size());
  }
  /// What has come so far; "(closed)" once the other side has closed.
  static std::string read(Protocol::socket& socket) {
    std::array<char, 4096> block{};
    boost::system::error_code error;
    const auto count = socket.receive(boost::asio::buffer(block), 0, error);
    if (error == boost::asio::error::eof || error == boost::asio::error::connection_reset) {
      return "(closed)";
    }
    return {block.data(), count};
  }
  std::string read_something(Protocol::socket& socket) {
    std::string text;
    EXPECT_TRUE(reaches(loop, [&] {
      text += read(socket);
      return !text.empty();
    }));
    return text;
  }

  TemporaryDirectory directory;
  std::filesystem::path path = directory / "control";
  EventLoop loop;
  std::vector<std::string> asked;
  std::vector<ControlServer::Reply> replies;
  std::unique_ptr<ControlServer> server;
};

TEST_F(Control, ALineInALineOut) {
  listen();
  auto socket = connect();
  write(socket, "how are you?\n");
  ASSERT_TRUE(reaches(loop, [this] { return asked.size() == 1; }));
  EXPECT_EQ(asked.front(), "how are you?");
  replies.front()("well");
  EXPECT_EQ(read_something(socket), "well\n");
}

TEST_F(Control, QuestionsOfOneConnectionAreAskedInTurn) {
  listen();
  auto socket = connect();
  write(socket, "first\nsecond\n");
  ASSERT_TRUE(reaches(loop, [this] { return asked.size() == 1; }));
  replies[0]("1");
  ASSERT_TRUE(reaches(loop, [this] { return asked.size() == 2; }));
  replies[1]("2");
  EXPECT_EQ(asked, (std::vector<std::string>{"first", "second"}));
}

TEST_F(Control, OnlyTheOwnerMayConnect) {
  listen();
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Control, ALineWithoutEndClosesTheConnection) {
  listen();
  auto socket = connect();
  const std::string endless(ControlServer::max_line_octets + 1, 'x');
  std::size_t sent = 0;
  std::string seen;
  ASSERT_TRUE(reaches(loop, [&] {
    boost::system::error_code error;
    if (sent < endless.size()) {
      sent += socket.send(boost::asio::buffer(endless.substr(sent)), 0, error);
    }
    seen += read(socket);
    return seen == "(closed)";
  }));
  EXPECT_TRUE(asked.empty());
}

TEST_F(Control, AnAnswerToWhoHasGoneIsHarmless) {
  listen();
  {
    auto socket = connect();
    write(socket, "question\n");
    ASSERT_TRUE(reaches(loop, [this] { return asked.size() == 1; }));
  }
  replies.front()("answer");
  replies.clear();
  auto next = connect();
  write(next, "still there?\n");
  EXPECT_TRUE(reaches(loop, [this] { return asked.size() == 2; }));
}

TEST_F(Control, TheSocketGoesWithTheServer) {
  listen();
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Control, ASocketThatADeadProcessLeftIsReplaced) {
  {
    Protocol::acceptor dead(loop.context(), Protocol::endpoint{path.string()});
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  listen();
  auto socket = connect();
  write(socket, "x\n");
  EXPECT_TRUE(reaches(loop, [this] { return asked.size() == 1; }));
}

TEST_F(Control, ALivingSocketAndOtherFilesAreLeftAlone) {
  listen();
  EXPECT_TRUE(fails_with(ControlServer::listen(loop, path, {}), ErrorCode::busy, "control"));
  const auto file = directory / "file";
  ASSERT_TRUE(write_file(file, as_bytes("precious"), FileMode::shared));
  EXPECT_TRUE(fails_with(ControlServer::listen(loop, file, {}), ErrorCode::io, "not a socket"));
  EXPECT_EQ(read_file(file), "precious");
}

TEST_F(Control, APathThatIsTooLong) {
  EXPECT_TRUE(fails_with(ControlServer::listen(loop, directory / std::string(120, 'x'), {}),
                         ErrorCode::invalid_argument, "too long"));
}

}  // namespace
}  // namespace carillon::io
