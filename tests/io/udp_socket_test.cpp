#include "io/udp_socket.hpp"

#include <gmock/gmock.h>

#include "loop_support.hpp"

namespace carillon::io {
namespace {

using testing::SizeIs;

struct Receiver {
  std::vector<std::string> datagrams;
  std::vector<UdpSocket::Endpoint> from;
  std::vector<UdpSocket::Endpoint> unreachable;

  UdpSocket::Events events() {
    return {.datagram =
                [this](const UdpSocket::Endpoint& remote, ByteView octets) {
                  datagrams.emplace_back(as_text(octets));
                  from.push_back(remote);
                },
            .unreachable =
                [this](const UdpSocket::Endpoint& remote) { unreachable.push_back(remote); }};
  }
};

class UdpSockets : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static boost::asio::ip::address address() {
    return boost::asio::ip::make_address(GetParam());
  }
  EventLoop loop;
};
INSTANTIATE_TEST_SUITE_P(Families, UdpSockets, testing::Values("127.0.0.1", "::1"),
                         [](const auto& row) { return row.index == 0 ? "IPv4" : "IPv6"; });

TEST_P(UdpSockets, CarryDatagramsAndTellWhoseTheyAre) {
  Receiver left_in;
  Receiver right_in;
  auto left = UdpSocket::bind(loop, {address(), 0}, left_in.events());
  auto right = UdpSocket::bind(loop, {address(), 0}, right_in.events());
  if (!left) GTEST_SKIP() << left.error().message();
  ASSERT_TRUE((*left)->send((*right)->local_endpoint(), as_bytes("hello")));
  ASSERT_TRUE(reaches(loop, [&] { return !right_in.datagrams.empty(); }));
  EXPECT_EQ(right_in.datagrams.front(), "hello");
  EXPECT_EQ(right_in.from.front(), (*left)->local_endpoint());
}

TEST_P(UdpSockets, ManyArriveInOrderAndWhole) {
  Receiver out_in;
  Receiver in;
  auto out = UdpSocket::bind(loop, {address(), 0}, out_in.events());
  auto receiver = UdpSocket::bind(loop, {address(), 0}, in.events());
  if (!out) GTEST_SKIP() << out.error().message();
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 40; ++i) {
    sent.push_back(std::to_string(i) + std::string(i == 20 ? 60'000 : i, '.'));
    ASSERT_TRUE((*out)->send((*receiver)->local_endpoint(), as_bytes(sent.back())));
  }
  ASSERT_TRUE(reaches(loop, [&] { return in.datagrams.size() == sent.size(); }));
  EXPECT_EQ(in.datagrams, sent);
}

TEST_P(UdpSockets, TellWhereNobodyListens) {
  Receiver in;
  Receiver gone_in;
  auto socket = UdpSocket::bind(loop, {address(), 0}, in.events());
  auto gone = UdpSocket::bind(loop, {address(), 0}, gone_in.events());
  if (!socket) GTEST_SKIP() << socket.error().message();
  const auto where = (*gone)->local_endpoint();
  (*gone)->close();
  ASSERT_TRUE((*socket)->send(where, as_bytes("anybody?")));
  ASSERT_TRUE(reaches(loop, [&] { return !in.unreachable.empty(); }));
  EXPECT_EQ(in.unreachable.front(), where);
}

TEST(UdpSocket, SaysWhichPortIsInUse) {
  EventLoop loop;
  const auto first = UdpSocket::bind(loop, {loopback(), 0}, {}).value();
  const auto second = UdpSocket::bind(loop, first->local_endpoint(), {});
  EXPECT_TRUE(
      security::fails_with(second, ErrorCode::io, std::to_string(first->local_endpoint().port())));
}

}  // namespace
}  // namespace carillon::io
