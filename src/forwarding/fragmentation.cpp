#include "forwarding/fragmentation.hpp"

#include <algorithm>

#include "base/writer.hpp"
#include "link/frame.hpp"

namespace carillon::forwarding {

using wire::ForwardingHeader;
using wire::Fragment;

namespace {

/// How a payload is cut so that no part exceeds `room`, which is at least Fragment::min_body. The
/// parts are equal (6.7), unless they would be too small then: the last part of a message may be.
std::vector<std::size_t> part_sizes(std::size_t payload, std::size_t room, bool ends_message) {
  const std::size_t count = (payload + room - 1) / room;
  std::vector<std::size_t> sizes;
  if (payload / count >= Fragment::min_body) {
    const std::size_t longer = payload % count;
    for (std::size_t i = 0; i < count; ++i)
      sizes.push_back(payload / count + (i < longer ? 1 : 0));
  } else if (ends_message) {
    for (std::size_t left = payload; left > 0; left -= sizes.back()) {
      sizes.push_back(std::min(left, Fragment::min_body));
    }
  } else {
    sizes.push_back(payload);
  }
  return sizes;
}

}  // namespace

Result<Bytes> make_frame(const ForwardingHeader& header, ByteView payload) {
  Writer writer;
  header.encode(writer);
  if (writer.size() > ForwardingHeader::max_list_size) {
    return fail(ErrorCode::too_large, "ForwardingHeader", "its lists exceed 65535 octets");
  }
  writer.patch(ForwardingHeader::length_offset, writer.size() + payload.size(), 4);
  Bytes frame;
  frame.reserve(link::frame_headroom + writer.size() + payload.size());
  frame.resize(link::frame_headroom);
  append(frame, writer.view());
  append(frame, payload);
  return frame;
}

Result<std::vector<Bytes>> make_frames(const ForwardingHeader& header, ByteView payload,
                                       std::size_t max_fragment_size) {
  std::vector<Bytes> frames;
  const std::size_t header_size = wire::encode(header).size();
  const bool fits = header_size + payload.size() <= max_fragment_size;
  const bool pointless = max_fragment_size < header_size + Fragment::min_body;
  if (fits || pointless) {
    auto frame = make_frame(header, payload);
    if (!frame) return std::unexpected(std::move(frame.error()));
    frames.push_back(std::move(*frame));
    return frames;
  }
  const std::vector<std::size_t> sizes =
      part_sizes(payload.size(), max_fragment_size - header_size, header.fragment.last);
  ForwardingHeader part = header;
  std::size_t at = 0;
  for (const std::size_t size : sizes) {
    part.fragment.offset = header.fragment.offset + static_cast<std::uint32_t>(at);
    part.fragment.last = header.fragment.last && at + size == payload.size();
    auto frame = make_frame(part, payload.subspan(at, size));
    if (!frame) return std::unexpected(std::move(frame.error()));
    frames.push_back(std::move(*frame));
    at += size;
  }
  return frames;
}

}  // namespace carillon::forwarding
