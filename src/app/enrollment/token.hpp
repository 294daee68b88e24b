#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace carillon::app {

/// What enrollment servers make tokens with, and know their own by.
struct TokenKey {
  std::array<std::uint8_t, 32> octets{};

  [[nodiscard]] static TokenKey generate(Random& random);
  /// 64 hexadecimal digits; else `invalid_argument`.
  [[nodiscard]] static Result<TokenKey> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// A newcomer's one-time permission to enroll (docs/decisions/0014-enrollment-tokens.md). It says
/// for itself that an enrollment server has made it and how long it is good; only that it has been
/// used is remembered, in the overlay. Its text is a secret.
///
///   text := "carillon-token-" base64url( 1(1) id(16) expires(8) root(32) mac(16) )
///         / "carillon-token-" base64url( 2(1) group(16) expires(8) root(32) id(16) mac(16) )
///
/// `expires` in seconds since the Unix epoch; `mac` is HMAC-SHA-256, cut to 16 octets, of what is
/// before it, under the servers' key; in the second form, made from a GroupToken, under its key.
class Token {
 public:
  static constexpr std::size_t max_text_size = 256;

  [[nodiscard]] static Token create(const TokenKey& key, const Sha256Digest& root, WallTime expires,
                                    Random& random);
  /// `malformed` if it cannot be one. Whether it is genuine is `verify`'s to say.
  [[nodiscard]] static Result<Token> parse(std::string_view text);

  /// `forbidden` if somebody else has made it up, or it has expired.
  [[nodiscard]] Result<void> verify(const TokenKey& key, WallTime now) const;

  [[nodiscard]] std::string text() const;
  /// 32 hexadecimal digits: no secret.
  [[nodiscard]] std::string id() const;
  [[nodiscard]] WallTime expires() const;
  /// The SHA-256 digest of the overlay's root certificate, by which a newcomer knows the overlay.
  [[nodiscard]] Sha256Digest root() const;
  /// The account name that goes with it (RFC 6940, 11.3): "token-" and the id.
  [[nodiscard]] std::string user_name() const { return "token-" + id(); }

 private:
  friend class GroupToken;
  explicit Token(Bytes octets) : octets_(std::move(octets)) {}

  Bytes octets_;
};

/// What the members of an autoscaling group have in common: each makes a one-time token of its own
/// from it. Good until it expires, for any number of members: a secret that lasts.
///
///   text := "carillon-group-" base64url( 2(1) group(16) expires(8) root(32) key(32) )
///
/// `key` is HMAC-SHA-256 of what is before it, under the servers' key.
class GroupToken {
 public:
  [[nodiscard]] static GroupToken create(const TokenKey& key, const Sha256Digest& root,
                                         WallTime expires, Random& random);
  [[nodiscard]] static bool is_one(std::string_view text);
  /// `malformed`
  [[nodiscard]] static Result<GroupToken> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Token derive(Random& random) const;

 private:
  explicit GroupToken(Bytes octets) : octets_(std::move(octets)) {}

  Bytes octets_;
};

}  // namespace carillon::app
