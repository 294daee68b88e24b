#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <carillon/error.hpp>

#include "sip/digest_algorithm.hpp"
#include "sip/header_id.hpp"
#include "sip/login.hpp"
#include "sip/sip_message.hpp"

namespace carillon::sip {

/// What somebody else's server asks of us: the value of WWW-Authenticate or Proxy-Authenticate
/// (RFC 7616, 3.3), quotes taken off.
struct DigestChallenge {
  DigestAlgorithm algorithm{};
  std::string algorithm_text{};  ///< As it was written; empty: it was not.
  std::string realm{};
  std::string nonce{};
  std::optional<std::string> opaque{};
  bool with_qop{false};                      ///< auth; without, as in RFC 2069.
  bool stale{false};                         ///< The password was right, but the nonce too old.
  HeaderId answer{HeaderId::authorization};  ///< Where the answer to it belongs.

  /// `malformed` if it is not one, or none that we can answer: another scheme, an algorithm that
  /// we do not know, a qop other than auth.
  [[nodiscard]] static Result<DigestChallenge> parse(std::string_view header);
};

/// Of the challenges of a 401 or 407 the one with the strongest algorithm (RFC 8760, 2.4, leaves
/// that to local policy); the first of two alike. Nothing if we can answer none.
[[nodiscard]] std::optional<DigestChallenge> strongest_challenge(const SipMessage& response);

/// The value of Authorization or Proxy-Authorization that answers `challenge` for the first time:
/// nc is 1 (RFC 7616, 3.4).
[[nodiscard]] std::string digest_answer(const DigestChallenge& challenge, const Login& login,
                                        std::string_view method, std::string_view uri,
                                        std::string_view cnonce);

}  // namespace carillon::sip
