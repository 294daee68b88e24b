#pragma once

#include <iosfwd>
#include <string>

namespace carillon::app {

struct DecodeOptions {
  std::string hex{};     ///< Hexadecimal digits, white space allowed; "-" reads them from `in`.
  bool framed{false};    ///< The input is a FramedMessage (RFC 6940, 6.6.2).
  bool reencode{false};  ///< Print what encoding the decoded values yields, instead of JSON.
};

/// `carillon decode`. Prints to `out` and returns 0; or prints one line to `err` that says what is
/// wrong and at which octet, and returns 1.
[[nodiscard]] int run_decode(const DecodeOptions& options, std::istream& in, std::ostream& out,
                             std::ostream& err);

}  // namespace carillon::app
