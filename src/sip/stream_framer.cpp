#include "sip/stream_framer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "sip/header_id.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

constexpr std::string_view headers_end = "\r\n\r\n";

}  // namespace

void StreamFramer::add(ByteView octets) {
  if (start_ != 0) {
    buffer_.erase(0, start_);
    scanned_ -= std::min(scanned_, start_);
    start_ = 0;
  }
  buffer_.append(as_text(octets));
}

void StreamFramer::skip_empty_lines() {
  while (start_ < buffer_.size() && (buffer_[start_] == '\r' || buffer_[start_] == '\n')) {
    if (buffer_[start_] == '\n' && ++line_ends_ == 2) {
      ++pings_;
      line_ends_ = 0;
    }
    ++start_;
  }
  if (start_ < buffer_.size()) line_ends_ = 0;
  scanned_ = std::max(scanned_, start_);
}

Result<bool> StreamFramer::next(std::string_view& message) {
  message = {};
  if (needed_ == 0) {
    skip_empty_lines();
    const auto end = buffer_.find(headers_end, scanned_);
    if (end == std::string::npos) {
      if (buffered() > limits_.message_bytes) {
        return fail(ErrorCode::too_large, "SIP stream", "headers without an end");
      }
      scanned_ =
          std::max(start_, buffer_.size() - std::min(buffer_.size(), headers_end.size() - 1));
      return false;
    }
    const auto size = end + headers_end.size() - start_;
    const auto headers = std::string_view{buffer_}.substr(start_, size);
    const auto length = body_length(headers);
    if (!length) message = headers;
    if (!length) return std::unexpected(length.error());
    if (size + *length > limits_.message_bytes) {
      message = headers;
      return fail(ErrorCode::too_large, "SIP stream", "a message longer than the limit");
    }
    needed_ = size + *length;
  }
  if (buffered() < needed_) return false;
  message = std::string_view{buffer_}.substr(start_, needed_);
  start_ += needed_;
  scanned_ = start_;
  needed_ = 0;
  return true;
}

Result<std::size_t> StreamFramer::body_length(std::string_view headers) const {
  std::optional<std::size_t> length;
  while (!headers.empty()) {
    const auto end = std::min(headers.find('\n'), headers.size() - 1);
    const auto line = headers.substr(0, end);
    headers.remove_prefix(end + 1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t') continue;
    if (header_id(trim(line.substr(0, colon))) != HeaderId::content_length) continue;
    auto value = std::string{line.substr(colon + 1)};
    // The value may stand on continuation lines (7.3.1).
    while (!headers.empty() && (headers.front() == ' ' || headers.front() == '\t')) {
      const auto more = std::min(headers.find('\n'), headers.size() - 1);
      value.append(" ").append(headers.substr(0, more));
      headers.remove_prefix(more + 1);
    }
    const auto stated = decimal(trim(value), limits_.message_bytes);
    if (!stated || (length && *length != *stated)) {
      return fail(ErrorCode::malformed, "SIP stream", "Content-Length is no usable length");
    }
    length = static_cast<std::size_t>(*stated);
  }
  // Mandatory on streams (20.14), but a message without a body is understood without it.
  return length.value_or(0);
}

std::size_t StreamFramer::take_pings() {
  return std::exchange(pings_, 0);
}

}  // namespace carillon::sip
