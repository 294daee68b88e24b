#include "security/certificate_bucket.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace carillon::security {
namespace {

using NamedSigner = CertificateBucket::NamedSigner;

bool same(ByteView left, ByteView right) {
  return std::ranges::equal(left, right);
}

std::optional<NamedSigner> match(const CertificatePtr& certificate,
                                 const wire::CertHash& identity) {
  // A certificate with several Node-IDs would not say who signed (6.3.4).
  if (certificate->node_ids().size() != 1) return std::nullopt;
  const bool fits = (identity.hash_alg == wire::HashAlgorithm::sha256 &&
                     same(identity.certificate_hash, certificate->digest())) ||
                    (identity.hash_alg == wire::HashAlgorithm::sha1 &&
                     same(identity.certificate_hash, certificate->sha1_digest()));
  if (!fits) return std::nullopt;
  return NamedSigner{certificate, certificate->node_ids().front()};
}

std::optional<NamedSigner> match(const CertificatePtr& certificate,
                                 const wire::CertHashNodeId& identity) {
  for (const auto& id : certificate->node_ids()) {
    const Bytes input = node_id_and_certificate(id, *certificate);
    const bool fits = (identity.hash_alg == wire::HashAlgorithm::sha256 &&
                       same(identity.certificate_node_id_hash, sha256(input))) ||
                      (identity.hash_alg == wire::HashAlgorithm::sha1 &&
                       same(identity.certificate_node_id_hash, sha1(input)));
    if (fits) return NamedSigner{certificate, id};
  }
  return std::nullopt;
}

std::optional<NamedSigner> match(const CertificatePtr&, const wire::NoSigner&) {
  return std::nullopt;
}
std::optional<NamedSigner> match(const CertificatePtr&, const wire::UnknownSigner&) {
  return std::nullopt;
}

}  // namespace

Result<CertificateBucket> CertificateBucket::read(
    const std::vector<wire::GenericCertificate>& certificates, CertificateCache& cache) {
  if (certificates.size() > max_certificates) {
    return fail(ErrorCode::too_large, "SecurityBlock.certificates", "more than 256");
  }
  CertificateBucket bucket;
  for (const auto& generic : certificates) {
    if (generic.type != wire::CertificateType::x509) continue;
    if (auto certificate = cache.parse(generic.certificate)) bucket.add(*certificate);
  }
  return bucket;
}

void CertificateBucket::add(const CertificatePtr& certificate) {
  const auto is_it = [&](const CertificatePtr& each) {
    return each->digest() == certificate->digest();
  };
  if (std::ranges::none_of(certificates_, is_it)) certificates_.push_back(certificate);
}

void CertificateBucket::add(const Credential& credential) {
  add(credential.certificate);
  for (const auto& intermediate : credential.intermediates)
    add(intermediate);
}

void CertificateBucket::add(const VerifiedChain& chain) {
  add(chain.certificate);
  for (const auto& intermediate : chain.intermediates)
    add(intermediate);
}

std::vector<wire::GenericCertificate> CertificateBucket::to_wire() const {
  std::vector<wire::GenericCertificate> list;
  list.reserve(certificates_.size());
  for (const auto& certificate : certificates_) {
    list.push_back({wire::CertificateType::x509, certificate->der()});
  }
  return list;
}

std::optional<CertificateBucket::NamedSigner> CertificateBucket::find(
    const wire::SignerIdentity& identity) const {
  return std::visit(
      [this](const auto& named) -> std::optional<NamedSigner> {
        for (const auto& certificate : certificates_) {
          if (auto signer = match(certificate, named)) return signer;
        }
        return std::nullopt;
      },
      identity.identity);
}

}  // namespace carillon::security
