#include "wire/signature.hpp"

namespace carillon::wire {

//   struct {
//      SignatureAndHashAlgorithm     algorithm;   // From TLS
//      SignerIdentity                identity;
//      opaque                        signature_value<0..2^16-1>;
//   } Signature;
Signature Signature::decode(Reader& reader) {
  Signature value;
  value.algorithm = SignatureAndHashAlgorithm::decode(reader);
  value.identity = SignerIdentity::decode(reader);
  value.signature_value = read_opaque(reader, 2, "Signature.signature_value");
  return value;
}

void Signature::encode(Writer& writer) const {
  algorithm.encode(writer);
  identity.encode(writer);
  writer.opaque16(signature_value);
}

}  // namespace carillon::wire
