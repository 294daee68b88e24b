#include "security/certificate_cache.hpp"

#include <algorithm>

namespace carillon::security {

Result<CertificatePtr> CertificateCache::parse(ByteView der) {
  auto& last = recent(der);
  if (last != nullptr && std::ranges::equal(last->der(), der)) return last;
  if (auto known = find(sha256(der))) return last = std::move(known);
  auto certificate = Certificate::parse(der, &keys_);
  if (certificate) {
    add(*certificate);
    last = *certificate;
  }
  return certificate;
}

CertificatePtr& CertificateCache::recent(ByteView der) {
  // A certificate ends with its signature, whose last octets are as good as random.
  return recent_[der.empty() ? 0 : der.back() % recent_slots];
}

CertificatePtr CertificateCache::find(const Sha256Digest& digest) {
  const CertificatePtr* known = certificates_.get(digest);
  return known != nullptr ? *known : nullptr;
}

void CertificateCache::add(const CertificatePtr& certificate) {
  certificates_.put(certificate->digest(), certificate);
}

}  // namespace carillon::security
