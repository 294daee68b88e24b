#include "wire/generic_certificate.hpp"

namespace carillon::wire {

//   struct {
//      CertificateType     type;   // From RFC 6091
//      opaque              certificate<0..2^16-1>;
//   } GenericCertificate;
GenericCertificate GenericCertificate::decode(Reader& reader) {
  GenericCertificate value;
  value.type = static_cast<CertificateType>(reader.u8("GenericCertificate.type"));
  value.certificate = read_opaque(reader, 2, "GenericCertificate.certificate");
  return value;
}

void GenericCertificate::encode(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  writer.opaque16(certificate);
}

}  // namespace carillon::wire
