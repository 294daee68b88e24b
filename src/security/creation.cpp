#include "security/creation.hpp"

#include <algorithm>

#include "security/certificate_builder.hpp"
#include "security/certificate_names.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t serial_size = 16;
constexpr unsigned ca_usage = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

/// Serial, validity up to the issuer's, key: what all of them have. Nothing if `issuer` is null.
void start(CertificateBuilder& builder, const Certificate* issuer, const PublicKey& key,
           WallTime now, seconds lifetime, Random& random) {
  Bytes serial = random.bytes(serial_size);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);  // Positive, always 16 octets.
  builder.set_serial(serial);
  WallTime from = now - CertificateMint::backdated;
  WallTime until = now + lifetime;
  if (issuer != nullptr) {
    from = std::max(from, issuer->not_before());
    until = std::min(until, issuer->not_after());
  }
  builder.set_validity(from, until);
  builder.set_key(key);
}

/// Has a new key certified.
template <typename Certify>
Result<Issued> with_new_key(KeyType type, Certify certify) {
  auto key = KeyPair::generate(type);
  if (!key) return std::unexpected(key.error());
  auto certificate = certify(key->public_key());
  if (!certificate) return std::unexpected(certificate.error());
  return Issued{*std::move(certificate), *std::move(key)};
}

Result<void> check_issuer(const Issuer& issuer, WallTime now) {
  if (!issuer.certificate->is_ca()) {
    return fail(ErrorCode::invalid_argument, "root", "is no CA certificate");
  }
  if (issuer.key.public_key().to_der() != issuer.certificate->public_key().to_der()) {
    return fail(ErrorCode::invalid_argument, "root", "the key is not the certificate's");
  }
  if (!issuer.certificate->valid_at(now)) {
    return fail(ErrorCode::bad_certificate, "root", "has expired, or is not valid yet");
  }
  return {};
}

}  // namespace

NodeId random_node_id(Random& random) {
  NodeId id;
  while (id.is_zero() || id.is_wildcard()) {
    NodeId::Octets octets{};
    std::ranges::copy(random.bytes(octets.size()), octets.begin());
    id = NodeId{octets};
  }
  return id;
}

Result<Issued> create_root(const std::string& overlay_name, KeyType key_type, WallTime now,
                           Random& random) {
  auto key = KeyPair::generate(key_type);
  if (!key) return std::unexpected(key.error());
  CertificateBuilder builder;
  start(builder, nullptr, key->public_key(), now, root_lifetime, random);
  // A common name holds 64 characters at most (RFC 5280, A.1).
  builder.set_subject("Root of " + overlay_name.substr(0, 56));
  builder.add_ca(-1);
  builder.add_key_usage(ca_usage);
  builder.add_subject_key_id();
  auto certificate = builder.sign(nullptr, *key);
  if (!certificate) return std::unexpected(certificate.error());
  return Issued{*std::move(certificate), *std::move(key)};
}

Result<CertificatePtr> certify_node(const Issuer& root, const NodeCertificateRequest& request,
                                    const PublicKey& key, WallTime now, Random& random) {
  if (auto good = check_issuer(root, now); !good) return std::unexpected(good.error());
  if (!is_user_name(request.user_name)) {
    return fail(ErrorCode::invalid_argument, "user_name", "cannot stand in a certificate");
  }
  CertificateBuilder builder;
  start(builder, root.certificate.get(), key, now, request.lifetime, random);
  builder.add_key_usage(KU_DIGITAL_SIGNATURE);
  builder.add_authority_key_id(*root.certificate);
  builder.set_names({request.node_id, request.overlay_name}, request.user_name);
  return builder.sign(root.certificate.get(), root.key);
}

Result<Issued> create_node(const Issuer& root, const NodeCertificateRequest& request, WallTime now,
                           Random& random) {
  return with_new_key(request.key_type, [&](const PublicKey& key) {
    return certify_node(root, request, key, now, random);
  });
}

Result<CertificatePtr> certify_registrar(const Issuer& root, const RegistrarRequest& request,
                                         const PublicKey& key, WallTime now, Random& random) {
  if (auto good = check_issuer(root, now); !good) return std::unexpected(good.error());
  if (request.email_domains.empty()) {
    return fail(ErrorCode::invalid_argument, "email_domains", "at least one is needed");
  }
  CertificateBuilder builder;
  start(builder, root.certificate.get(), key, now, request.lifetime, random);
  builder.set_subject("Registrar " + request.node_id.to_hex());
  builder.add_ca(0);
  builder.add_key_usage(ca_usage);
  builder.add_email_domains(request.email_domains);
  builder.add_subject_key_id();
  builder.add_authority_key_id(*root.certificate);
  builder.set_names({request.node_id, request.overlay_name}, {});
  return builder.sign(root.certificate.get(), root.key);
}

Result<Issued> create_registrar(const Issuer& root, const RegistrarRequest& request, WallTime now,
                                Random& random) {
  return with_new_key(request.key_type, [&](const PublicKey& key) {
    return certify_registrar(root, request, key, now, random);
  });
}

Result<HttpsPem> create_https(const Issuer& root, const std::vector<std::string>& hosts,
                              WallTime now, Random& random) {
  if (auto good = check_issuer(root, now); !good) return std::unexpected(good.error());
  auto key = KeyPair::generate(KeyType::ecdsa);
  if (!key) return std::unexpected(key.error());
  CertificateBuilder builder;
  start(builder, root.certificate.get(), key->public_key(), now, node_lifetime, random);
  builder.set_subject("Enrollment server");
  builder.add_key_usage(KU_DIGITAL_SIGNATURE);
  builder.add_authority_key_id(*root.certificate);
  builder.set_hosts(hosts);
  auto pem = builder.sign_to_pem(*root.certificate, root.key);
  if (!pem) return std::unexpected(pem.error());
  return HttpsPem{*std::move(pem), key->to_pem()};
}

}  // namespace carillon::security
