#pragma once

#include <cstddef>
#include <optional>

#include "wire/forwarding_header.hpp"
#include "wire/message_code.hpp"

// What forwarding must know of a message although it does not decode it.
namespace carillon::forwarding {

/// Octets of payload that must be there to look at.
inline constexpr std::size_t peek_size = 2;

struct Peeked {
  /// Nothing in a fragment that is not the first: MessageContents starts with it (6.3.3).
  std::optional<wire::MessageCode> code{};
  bool is_request{};
  bool is_response{};
};

[[nodiscard]] Peeked peek(const wire::ForwardingHeader& header, ByteView payload);

/// How long the header will be whose first `fixed_size` octets, or more, are given.
[[nodiscard]] std::size_t peek_header_size(ByteView start);

}  // namespace carillon::forwarding
