#include "io/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace carillon::io {
namespace {

/// The kernel notices a host that has vanished from a quiet connection after about two minutes.
constexpr int keepalive_idle_s = 60;
constexpr int keepalive_interval_s = 20;
constexpr int keepalive_count = 3;

}  // namespace

Result<void> prepare_stream_socket(boost::asio::ip::tcp::socket& socket,
                                   milliseconds acknowledged_within) {
  boost::system::error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.set_option(boost::asio::ip::tcp::no_delay{true}, error);
  if (!error) socket.set_option(boost::asio::socket_base::keep_alive{true}, error);
  if (error) return fail(ErrorCode::io, "socket", error.message());
  const auto set = [&socket](int option, int value) {
    // A kernel without one of these still has a working socket.
    (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, keepalive_idle_s);
  set(TCP_KEEPINTVL, keepalive_interval_s);
  set(TCP_KEEPCNT, keepalive_count);
  set(TCP_USER_TIMEOUT, static_cast<int>(acknowledged_within.count()));
  return {};
}

}  // namespace carillon::io
