#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <carillon/error.hpp>

#include "base/time.hpp"

namespace carillon::io {

/// How every TCP connection is set up: non-blocking, no delay, and the kernel asks after a quiet
/// other side. What is sent and not acknowledged within `acknowledged_within` breaks it. `io` if
/// the socket is no good any more.
[[nodiscard]] Result<void> prepare_stream_socket(boost::asio::ip::tcp::socket& socket,
                                                 milliseconds acknowledged_within);

}  // namespace carillon::io
