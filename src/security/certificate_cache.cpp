#include "security/certificate_cache.hpp"

namespace carillon::security {

Result<CertificatePtr> CertificateCache::parse(ByteView der) {
  if (auto known = find(sha256(der))) return known;
  auto certificate = Certificate::parse(der, &keys_);
  if (certificate) add(*certificate);
  return certificate;
}

CertificatePtr CertificateCache::find(const Sha256Digest& digest) {
  const CertificatePtr* known = certificates_.get(digest);
  return known != nullptr ? *known : nullptr;
}

void CertificateCache::add(const CertificatePtr& certificate) {
  certificates_.put(certificate->digest(), certificate);
}

}  // namespace carillon::security
