#pragma once

#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "sip/params.hpp"
#include "sip/uri.hpp"

namespace carillon::sip {

/// The value of From, To, Contact, Route, Record-Route and Path: a URI with parameters of the
/// header (RFC 3261, 20.10). Without < > what follows ';' belongs to the header, not to the URI.
struct NameAddress {
  std::string uri_text{};  ///< As written, without < >.
  Uri uri{};
  Params params{};

  [[nodiscard]] static Result<NameAddress> parse(std::string_view text);
  /// The URI alone, of what parse() accepts.
  [[nodiscard]] static Result<Uri> parse_uri(std::string_view text);
  [[nodiscard]] std::string_view tag() const { return param_value(params, "tag"); }
};

/// The tag of a From or To that parse() accepts, without taking all of it apart.
[[nodiscard]] std::string_view tag_of(std::string_view from_or_to);

}  // namespace carillon::sip
