#pragma once

#include <vector>

#include "wire/message_code.hpp"
#include "wire/message_extension.hpp"

namespace carillon::wire {

/// What one node tells another (RFC 6940, 6.3.3). The body stays octets here; `message_code` says
/// which structure it is.
struct MessageContents {
  MessageCode message_code{};
  Bytes message_body{};
  std::vector<MessageExtension> extensions{};

  [[nodiscard]] static MessageContents decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const MessageContents&, const MessageContents&) = default;
};

/// The contents that carry `body`, e.g. `make_contents(PingReq{})`.
template <typename Body>
[[nodiscard]] MessageContents make_contents(const Body& body) {
  return {Body::code, encode(body), {}};
}
/// The same where the type does not say the code (AttachReqAns, and what the overlay defines).
template <typename Body>
[[nodiscard]] MessageContents make_contents(MessageCode code, const Body& body) {
  return {code, encode(body), {}};
}

}  // namespace carillon::wire
