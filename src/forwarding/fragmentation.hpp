#pragma once

#include <vector>

#include "wire/forwarding_header.hpp"

namespace carillon::forwarding {

/// A message or fragment, ready for a link: link::frame_headroom free octets, the header with its
/// `length` set, and the payload. `too_large` if a list does not fit its length field.
[[nodiscard]] Result<Bytes> make_frame(const wire::ForwardingHeader& header, ByteView payload);

/// The same, cut into fragments of equal size with at most `max_fragment_size` octets each, header
/// included (RFC 6940, 6.7). One frame if it is small enough, or if `max_fragment_size` is too
/// little for 256 octets of payload behind the header. `header` may itself be a fragment's.
[[nodiscard]] Result<std::vector<Bytes>> make_frames(const wire::ForwardingHeader& header,
                                                     ByteView payload,
                                                     std::size_t max_fragment_size);

}  // namespace carillon::forwarding
