// A certificate signing request (PKCS#10) as a newcomer sends it.
#include "check.hpp"
#include "security/certificate_request.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = security::CertificateRequest::parse({data, size});
  if (!request) {
    check(request.error().code == ErrorCode::bad_certificate);
    return 0;
  }
  // Its key is one that a certificate can be made over.
  check(!request->key().to_der().empty());
  return 0;
}
