#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace carillon::sip {

/// Encrypts and authenticates short texts without a nonce: the MAC of what is encrypted is the
/// initialization vector, too (as in RFC 5297). It differs whenever that does, and nobody can say
/// what it is the MAC of.
class Sealer {
 public:
  static constexpr std::size_t iv_size = 12;

  /// `purpose` tells apart those that share a root key.
  Sealer(const HmacSha256& root, std::string_view purpose);

  [[nodiscard]] Bytes seal(std::string_view scope, ByteView plain) const;
  /// Nothing if it was not sealed under this key and scope.
  [[nodiscard]] std::optional<Bytes> open(std::string_view scope, ByteView sealed) const;

 private:
  [[nodiscard]] Bytes mac(std::string_view scope, ByteView plain) const;
  /// Encrypts and decrypts.
  [[nodiscard]] Bytes crypt(ByteView iv, ByteView octets) const;

  HmacSha256 authentication_;
  HmacSha256 encryption_;
};

}  // namespace carillon::sip
