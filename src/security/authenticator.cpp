#include "security/authenticator.hpp"

#include "base/hash.hpp"

namespace carillon::security {
namespace {

std::unexpected<Error> bad_signature(std::string detail) {
  return fail(ErrorCode::bad_signature, "Signature", std::move(detail));
}

/// One name for "this signature by this certificate over this input". Input and signature come
/// from the network, so each part is hashed by itself: no shifting octets from one to the other.
Sha256Digest triple(ByteView input, const wire::Signature& signature, const Certificate& signer) {
  Bytes parts;
  parts.reserve(3 * sizeof(Sha256Digest));
  append(parts, sha256(input));
  append(parts, sha256(signature.signature_value));
  append(parts, signer.digest());
  return sha256(parts);
}

}  // namespace

Authenticator::Authenticator(TrustAnchors anchors, std::shared_ptr<Verifier> verifier)
    : Authenticator(std::make_shared<TrustCache>(std::move(anchors)), std::move(verifier)) {}

Authenticator::Authenticator(std::shared_ptr<TrustCache> trust, std::shared_ptr<Verifier> verifier)
    : verifier_(std::move(verifier)),
      trust_(std::move(trust)),
      verified_(signature_cache_capacity) {}

void Authenticator::set_anchors(TrustAnchors anchors) {
  trust_ = std::make_shared<TrustCache>(std::move(anchors));
}

Result<CertificateBucket> Authenticator::read_certificates(const wire::SecurityBlock& block) {
  return CertificateBucket::read(block.certificates, trust_->certificates);
}

Result<SignerInfo> Authenticator::verify_message(wire::OverlayHash overlay,
                                                 wire::TransactionId transaction, ByteView contents,
                                                 const wire::Signature& signature,
                                                 const CertificateBucket& bucket, WallTime now) {
  return verify(message_signature_input(overlay, transaction, contents, signature.identity),
                signature, bucket, now, Remember::no);
}

Result<SignerInfo> Authenticator::verify_value(const ResourceId& resource, KindId kind,
                                               const wire::StoredData& data,
                                               const CertificateBucket& bucket, WallTime now) {
  if (data.unknown) return fail(ErrorCode::unknown_kind, "StoredData", "its Kind is not known");
  return verify(
      value_signature_input(resource, kind, data.storage_time, data.value, data.signature.identity),
      data.signature, bucket, now, Remember::yes);
}

Result<SignerInfo> Authenticator::verify_document(ByteView blob, const wire::SecurityBlock& block,
                                                  WallTime now) {
  const auto bucket = read_certificates(block);
  if (!bucket) return std::unexpected(bucket.error());
  return verify(document_signature_input(blob, block.signature.identity), block.signature, *bucket,
                now, Remember::no);
}

Result<std::shared_ptr<const VerifiedChain>> Authenticator::verify_link(
    std::span<const Bytes> der_chain, WallTime now) {
  if (der_chain.empty()) {
    return fail(ErrorCode::bad_certificate, "link", "the other end showed no certificate");
  }
  if (der_chain.size() > ChainVerifier::max_chain_length) {
    return fail(ErrorCode::bad_certificate, "link", "the certificate chain is too long");
  }
  std::vector<CertificatePtr> chain;
  for (const auto& der : der_chain) {
    auto certificate = trust_->certificates.parse(der);
    if (!certificate) return std::unexpected(certificate.error());
    chain.push_back(*std::move(certificate));
  }
  return trust_->chains.verify(chain.front(), chain, now);
}

std::optional<CertificateBucket::NamedSigner> Authenticator::find_signer(
    const wire::SignerIdentity& identity, const CertificateBucket& bucket) {
  if (auto signer = bucket.find(identity)) return signer;
  // "Some certificates MAY be omitted" (6.3.4): perhaps we have seen it before.
  const auto* named = std::get_if<wire::CertHash>(&identity.identity);
  Sha256Digest digest{};
  if (named == nullptr || named->hash_alg != wire::HashAlgorithm::sha256 ||
      named->certificate_hash.size() != digest.size()) {
    return std::nullopt;
  }
  std::ranges::copy(named->certificate_hash, digest.begin());
  const auto known = trust_->certificates.find(digest);
  if (!known || known->node_ids().size() != 1) return std::nullopt;
  return CertificateBucket::NamedSigner{known, known->node_ids().front()};
}

Result<SignerInfo> Authenticator::verify(ByteView input, const wire::Signature& signature,
                                         const CertificateBucket& bucket, WallTime now,
                                         Remember remember) {
  const auto signer = find_signer(signature.identity, bucket);
  if (!signer) return bad_signature("no certificate of that signer at hand");
  auto chain = trust_->chains.verify(signer->certificate, bucket.certificates(), now);
  if (!chain) return std::unexpected(chain.error());
  const Certificate& certificate = *signer->certificate;
  if (signature.algorithm != signature_algorithm(certificate.public_key().type())) {
    return bad_signature("another algorithm than SHA-256 with the signer's sort of key");
  }
  const auto is_good = [&] {
    return verifier_->verify(certificate.public_key(), input, signature.signature_value);
  };
  if (remember == Remember::no) {
    if (!is_good()) return bad_signature("does not verify");
  } else if (const Sha256Digest name = triple(input, signature, certificate);
             verified_.get(name) == nullptr) {
    if (!is_good()) return bad_signature("does not verify");
    verified_.put(name, {});
  }
  return SignerInfo{*std::move(chain), signer->node_id};
}

}  // namespace carillon::security
