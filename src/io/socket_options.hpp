#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <carillon/error.hpp>

namespace carillon::io {

/// How every TCP connection is set up: non-blocking, no delay, and the kernel asks after a quiet
/// other side. `io` if the socket is no good any more.
[[nodiscard]] Result<void> prepare_stream_socket(boost::asio::ip::tcp::socket& socket);

}  // namespace carillon::io
