#pragma once

#include "wire/forwarding_header.hpp"
#include "wire/message_contents.hpp"
#include "wire/security_block.hpp"

namespace carillon::wire {

/// A message as a forwarder sees it: `payload` points into the octets that were split.
struct SplitMessage {
  ForwardingHeader header{};
  ByteView payload{};  ///< MessageContents and SecurityBlock, or a fragment of them.
};

/// Reads the header and leaves the rest alone. `malformed` unless the header's length is the size
/// of `octets`, which must outlive the result.
[[nodiscard]] Result<SplitMessage> split_message(ByteView octets);

/// The reverse: the message that has `header` before `payload`. The header's `length` is set here,
/// whatever `header` says. `too_large` if a list or the message does not fit its length field.
[[nodiscard]] Result<Bytes> join_message(const ForwardingHeader& header, ByteView payload);

/// A whole payload, as the message's destination sees it.
struct Payload {
  MessageContents contents{};
  ByteView contents_octets{};  ///< As received: what the signature of 6.3.4 covers.
  SecurityBlock security_block{};
};

/// Reads an unfragmented or reassembled payload. Offsets of errors count from its start. `octets`
/// must outlive the result.
[[nodiscard]] Result<Payload> split_payload(ByteView octets);

/// The reverse, from contents that were encoded already in order to be signed.
[[nodiscard]] Bytes join_payload(ByteView contents_octets, const SecurityBlock& security_block);

/// A whole, unfragmented message (RFC 6940, 6.3).
struct Message {
  ForwardingHeader header{};
  MessageContents contents{};
  SecurityBlock security_block{};

  /// Fails on a fragment (6.7): that is not a whole message.
  [[nodiscard]] static Message decode(Reader& reader);
  /// Sets the header's length to what it is.
  void encode(Writer& writer) const;
  friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace carillon::wire
