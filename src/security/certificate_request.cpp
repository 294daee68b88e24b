#include "security/certificate_request.hpp"

#include <memory>

#include "security/openssl.hpp"

namespace carillon::security {
namespace {

using RequestPtr = std::unique_ptr<X509_REQ, openssl::Release<X509_REQ_free>>;

std::unexpected<Error> bad_request(std::string detail) {
  openssl::clear_errors();
  return fail(ErrorCode::bad_certificate, "CertificationRequest", std::move(detail));
}

bool has_alternative_names(X509_REQ& request) {
  auto* extensions = X509_REQ_get_extensions(&request);
  const bool found = X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1) >= 0;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return found;
}

}  // namespace

Result<Bytes> CertificateRequest::create(const KeyPair& key) {
  const RequestPtr request{X509_REQ_new()};
  unsigned char* data = nullptr;
  int size = 0;
  if (request && X509_REQ_set_version(request.get(), 0) == 1 &&
      X509_REQ_set_pubkey(request.get(), key.native()) == 1 &&
      X509_REQ_sign(request.get(), key.native(), EVP_sha256()) > 0) {
    size = i2d_X509_REQ(request.get(), &data);
  }
  const openssl::Octets owner{data};
  if (size <= 0) return fail(ErrorCode::io, "CertificationRequest", openssl::take_error());
  return Bytes(data, data + size);
}

Result<CertificateRequest> CertificateRequest::parse(ByteView der) {
  if (der.size() > max_der_size) return bad_request("is too large");
  const auto request = openssl::decode<RequestPtr>(d2i_X509_REQ, der);
  if (!request) return bad_request("is not one of PKCS#10");
  EVP_PKEY* native = X509_REQ_get0_pubkey(request.get());
  if (native == nullptr) return bad_request("its key cannot be read");
  auto key = PublicKey::from_native(native);
  if (!key) return bad_request("its key is of a sort that is not accepted: " + key.error().detail);
  if (X509_REQ_verify(request.get(), native) != 1) return bad_request("its signature is not good");
  const bool asks = X509_NAME_entry_count(X509_REQ_get_subject_name(request.get())) > 0 ||
                    has_alternative_names(*request);
  openssl::clear_errors();
  return CertificateRequest(*std::move(key), asks);
}

}  // namespace carillon::security
