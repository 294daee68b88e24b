#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "sip/credential_service.hpp"
#include "sip/digest_algorithm.hpp"

namespace carillon::sip {

/// The value of Authorization or Proxy-Authorization (RFC 7616, 3.4), quotes taken off.
struct DigestCredentials {
  std::string username{};
  std::string realm{};
  std::string nonce{};
  std::string uri{};
  std::string response{};
  std::string algorithm{};
  std::string cnonce{};
  std::string qop{};
  std::string nonce_count{};  ///< As written: 8 hexadecimal digits.

  /// `malformed` if it is not for the Digest scheme or lacks what a digest is computed from.
  [[nodiscard]] static Result<DigestCredentials> parse(std::string_view header);
  /// The same by libosip2 alone, which parse() asks about what is not plain.
  [[nodiscard]] static Result<DigestCredentials> parse_with_library(std::string_view header);

  /// nc as a number; nothing if it is not 1 to 8 hexadecimal digits.
  [[nodiscard]] std::optional<std::uint32_t> count() const;

  friend bool operator==(const DigestCredentials&, const DigestCredentials&) = default;
};

/// H(username:realm:password) in hexadecimal.
[[nodiscard]] std::string digest_ha1(DigestAlgorithm algorithm, std::string_view username,
                                     std::string_view realm, std::string_view password);

/// The response that a client must give (RFC 7616, 3.4.1). `ha1` in hexadecimal. Without qop as in
/// RFC 2069.
[[nodiscard]] std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1,
                                          const DigestCredentials& credentials,
                                          std::string_view method);

/// Whether `credentials` prove knowledge of the password, their username being that of the user
/// that `known` belongs to, with or without "@realm". The nonce is looked at elsewhere.
[[nodiscard]] bool digest_fits(const DigestCredentials& credentials, const Credential& known,
                               std::string_view method);

/// The value of a WWW-Authenticate or Proxy-Authenticate header.
[[nodiscard]] std::string digest_challenge(DigestAlgorithm algorithm, std::string_view realm,
                                           std::string_view nonce, bool stale);

}  // namespace carillon::sip
