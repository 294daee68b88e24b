#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "wire/algorithms.hpp"

namespace carillon::wire {

enum class SignerIdentityType : std::uint8_t {
  invalid_signer_identity_type = 0,
  cert_hash = 1,
  cert_hash_node_id = 2,
  none = 3,
};

[[nodiscard]] std::string_view to_string(SignerIdentityType type);

/// The hash of a certificate that has one Node-ID.
struct CertHash {
  HashAlgorithm hash_alg{};
  Bytes certificate_hash{};  ///< At most 255 octets.
  friend bool operator==(const CertHash&, const CertHash&) = default;
};

/// H(NodeId || certificate), for a certificate that has several Node-IDs.
struct CertHashNodeId {
  HashAlgorithm hash_alg{};
  Bytes certificate_node_id_hash{};  ///< At most 255 octets.
  friend bool operator==(const CertHashNodeId&, const CertHashNodeId&) = default;
};

/// Nobody signed: only for values that a Fetch answer makes up (7.4.2.2).
struct NoSigner {
  friend bool operator==(const NoSigner&, const NoSigner&) = default;
};

/// A signer named in a way that we don't know; kept as it came.
struct UnknownSigner {
  SignerIdentityType type{};
  Bytes octets{};
  friend bool operator==(const UnknownSigner&, const UnknownSigner&) = default;
};

/// Who signed (RFC 6940, 6.3.4). Its encoding, type and length included, is part of what is signed.
struct SignerIdentity {
  std::variant<NoSigner, CertHash, CertHashNodeId, UnknownSigner> identity{};

  [[nodiscard]] SignerIdentityType identity_type() const;
  [[nodiscard]] static SignerIdentity decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const SignerIdentity&, const SignerIdentity&) = default;
};

}  // namespace carillon::wire
