#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::io {

/// The answer to a WebSocket client's opening handshake.
struct WebSocketAnswer {
  bool accepted{false};
  std::string response{};  ///< HTTP, whole. If not accepted, the connection is to be closed.
};

/// Answers `request`, the head of an HTTP request with the empty line at its end (RFC 6455, 4.2),
/// which must offer the subprotocol "sip" (RFC 7118, 4.1). `origins`: those from which browsers may
/// come, e.g. "https://phone.example.org"; empty: any. Who names none is no browser, and may.
[[nodiscard]] WebSocketAnswer answer_handshake(std::string_view request,
                                               const std::vector<std::string>& origins);

/// Closes a connection whose request has no end.
[[nodiscard]] std::string too_large_handshake();

}  // namespace carillon::io
