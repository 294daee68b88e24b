#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <carillon/error.hpp>
#include <carillon/ids.hpp>

#include "sip/sip_options.hpp"

namespace carillon::sip {

/// Cuts a stream into messages by Content-Length (RFC 3261, 18.3) and counts the keepalives
/// between them (RFC 5626, 3.5.1). Holds at most one unfinished message, of bounded size.
class StreamFramer {
 public:
  explicit StreamFramer(const SipLimits& limits) : limits_(limits) {}

  /// Takes what arrived; then call `next` until it has no more.
  void add(ByteView octets);

  /// The next whole message into `message`; false if there is none yet. The view lives until the
  /// next call of this object. `too_large` or `malformed`: the stream cannot be understood any
  /// more and must be closed, since nobody knows where the next message starts; `message` then
  /// holds the headers that say so, if they are all here, for a last answer.
  [[nodiscard]] Result<bool> next(std::string_view& message);

  /// Double CRLFs seen since the last call: each wants a CRLF back.
  [[nodiscard]] std::size_t take_pings();

  [[nodiscard]] std::size_t buffered() const { return buffer_.size() - start_; }

 private:
  void skip_empty_lines();
  [[nodiscard]] Result<std::size_t> body_length(std::string_view headers) const;

  const SipLimits& limits_;
  std::string buffer_;
  std::size_t start_{0};    ///< Of the unfinished message.
  std::size_t scanned_{0};  ///< How far the end of the headers has been looked for.
  std::size_t needed_{0};   ///< Length of the message, once its headers are here.
  std::size_t line_ends_{0};
  std::size_t pings_{0};
};

}  // namespace carillon::sip
