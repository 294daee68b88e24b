#include "wire/algorithms.hpp"

namespace carillon::wire {

std::string_view to_string(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::none:
      return "none";
    case HashAlgorithm::md5:
      return "md5";
    case HashAlgorithm::sha1:
      return "sha1";
    case HashAlgorithm::sha224:
      return "sha224";
    case HashAlgorithm::sha256:
      return "sha256";
    case HashAlgorithm::sha384:
      return "sha384";
    case HashAlgorithm::sha512:
      return "sha512";
  }
  return {};
}

std::string_view to_string(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::anonymous:
      return "anonymous";
    case SignatureAlgorithm::rsa:
      return "rsa";
    case SignatureAlgorithm::dsa:
      return "dsa";
    case SignatureAlgorithm::ecdsa:
      return "ecdsa";
  }
  return {};
}

//   struct {
//         HashAlgorithm hash;
//         SignatureAlgorithm signature;
//   } SignatureAndHashAlgorithm;                        /* RFC 5246, 7.4.1.4.1 */
SignatureAndHashAlgorithm SignatureAndHashAlgorithm::decode(Reader& reader) {
  SignatureAndHashAlgorithm value;
  value.hash = static_cast<HashAlgorithm>(reader.u8("SignatureAndHashAlgorithm.hash"));
  value.signature =
      static_cast<SignatureAlgorithm>(reader.u8("SignatureAndHashAlgorithm.signature"));
  return value;
}

void SignatureAndHashAlgorithm::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(hash));
  writer.u8(static_cast<std::uint8_t>(signature));
}

}  // namespace carillon::wire
