#include "wire/signer_identity.hpp"

#include "base/bytes.hpp"

namespace carillon::wire {

std::string_view to_string(SignerIdentityType type) {
  switch (type) {
    case SignerIdentityType::invalid_signer_identity_type:
      return "invalidSignerIdentityType";
    case SignerIdentityType::cert_hash:
      return "cert_hash";
    case SignerIdentityType::cert_hash_node_id:
      return "cert_hash_node_id";
    case SignerIdentityType::none:
      return "none";
  }
  return {};
}

SignerIdentityType SignerIdentity::identity_type() const {
  if (const auto* unknown = std::get_if<UnknownSigner>(&identity)) return unknown->type;
  if (std::holds_alternative<CertHash>(identity)) return SignerIdentityType::cert_hash;
  if (std::holds_alternative<CertHashNodeId>(identity)) {
    return SignerIdentityType::cert_hash_node_id;
  }
  return SignerIdentityType::none;
}

//   struct {
//     select (identity_type) {
//       case cert_hash;
//         HashAlgorithm      hash_alg;              // From TLS
//         opaque             certificate_hash<0..2^8-1>;
//       case cert_hash_node_id:
//         HashAlgorithm      hash_alg;              // From TLS
//         opaque             certificate_node_id_hash<0..2^8-1>;
//       case none:
//         /* empty */
//       /* This structure may be extended with new types if necessary*/
//     };
//   } SignerIdentityValue;
//
//   struct {
//     SignerIdentityType     identity_type;
//     uint16                 length;
//     SignerIdentityValue    identity[SignerIdentity.length];
//   } SignerIdentity;
SignerIdentity SignerIdentity::decode(Reader& reader) {
  const auto type = static_cast<SignerIdentityType>(reader.u8("SignerIdentity.identity_type"));
  const std::size_t length = reader.u16("SignerIdentity.length");
  return within(reader, length, "SignerIdentity.identity", [&](Reader& inner) -> SignerIdentity {
    switch (type) {
      case SignerIdentityType::cert_hash: {
        const auto hash = static_cast<HashAlgorithm>(inner.u8("SignerIdentity.hash_alg"));
        return {CertHash{hash, read_opaque(inner, 1, "SignerIdentity.certificate_hash")}};
      }
      case SignerIdentityType::cert_hash_node_id: {
        const auto hash = static_cast<HashAlgorithm>(inner.u8("SignerIdentity.hash_alg"));
        return {
            CertHashNodeId{hash, read_opaque(inner, 1, "SignerIdentity.certificate_node_id_hash")}};
      }
      case SignerIdentityType::none:
        return {NoSigner{}};
      default:
        return {UnknownSigner{type, to_bytes(inner.rest())}};
    }
  });
}

void SignerIdentity::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(identity_type()));
  writer.sized(2, [&](Writer& inner) {
    if (const auto* cert_hash = std::get_if<CertHash>(&identity)) {
      inner.u8(static_cast<std::uint8_t>(cert_hash->hash_alg));
      inner.opaque8(cert_hash->certificate_hash);
    } else if (const auto* with_node_id = std::get_if<CertHashNodeId>(&identity)) {
      inner.u8(static_cast<std::uint8_t>(with_node_id->hash_alg));
      inner.opaque8(with_node_id->certificate_node_id_hash);
    } else if (const auto* unknown = std::get_if<UnknownSigner>(&identity)) {
      inner.bytes(unknown->octets);
    }
  });
}

}  // namespace carillon::wire
