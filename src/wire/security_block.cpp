#include "wire/security_block.hpp"

namespace carillon::wire {

//   struct {
//      GenericCertificate certificates<0..2^16-1>;
//      Signature          signature;
//   } SecurityBlock;
SecurityBlock SecurityBlock::decode(Reader& reader) {
  SecurityBlock value;
  value.certificates = read_list<GenericCertificate>(reader, 2, "SecurityBlock.certificates");
  value.signature = Signature::decode(reader);
  return value;
}

void SecurityBlock::encode(Writer& writer) const {
  write_list(writer, 2, certificates);
  signature.encode(writer);
}

}  // namespace carillon::wire
