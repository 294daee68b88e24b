#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "sip/address.hpp"
#include "sip/params.hpp"

namespace carillon::sip {

/// What a branch of RFC 3261 starts with (8.1.1.7).
inline constexpr std::string_view magic_cookie = "z9hG4bK";

/// One Via value (RFC 3261, 20.42).
struct Via {
  std::string transport{};  ///< Upper case: "UDP".
  std::string host{};       ///< sent-by; an IPv6 address without brackets, names in lower case.
  std::uint16_t port{};     ///< 0: not given.
  Params params{};

  [[nodiscard]] static Result<Via> parse(std::string_view text);
  /// The same by libosip2 alone, which parse() asks about what is not plain.
  [[nodiscard]] static Result<Via> parse_with_library(std::string_view text);
  [[nodiscard]] std::string text() const;

  [[nodiscard]] std::string_view branch() const { return param_value(params, "branch"); }
  /// "host:port" with the default port filled in: the sender's name for itself.
  [[nodiscard]] HostPort sent_by() const;
  /// The branch identifies the transaction by itself (17.2.3).
  [[nodiscard]] bool has_magic_cookie() const {
    return branch().size() > magic_cookie.size() && branch().starts_with(magic_cookie);
  }

  friend bool operator==(const Via&, const Via&) = default;
};

}  // namespace carillon::sip
