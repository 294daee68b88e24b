#include "security/certificate_mint.hpp"

#include <algorithm>

#include "security/certificate_builder.hpp"
#include "security/certificate_names.hpp"

namespace carillon::security {

struct CertificateMint::Template {
  CertificateBuilder builder;
  ReloadUri uri;
  PublicKeyCache keys{1};
  /// Random octets of this mint's own, then a counter: unique without a record of what was given.
  std::array<std::uint8_t, 16> serial{};
  std::uint64_t count{0};

  void next_serial() {
    ++count;
    for (std::size_t i = 0; i < sizeof count; ++i) {
      serial[serial.size() - 1 - i] = static_cast<std::uint8_t>(count >> (8 * i));
    }
    builder.set_serial(serial);
  }
};

CertificateMint::CertificateMint(Issuer issuer, std::unique_ptr<Template> parts)
    : issuer_(std::move(issuer)), template_(std::move(parts)) {}
CertificateMint::~CertificateMint() = default;
CertificateMint::CertificateMint(CertificateMint&&) noexcept = default;
CertificateMint& CertificateMint::operator=(CertificateMint&&) noexcept = default;

Result<CertificateMint> CertificateMint::create(Issuer issuer, const PublicKey& subject,
                                                Random& random) {
  const Certificate& ca = *issuer.certificate;
  if (!ca.is_ca() || ca.node_ids().size() != 1 || ca.email_domains().empty()) {
    return fail(ErrorCode::bad_certificate, "registrar CA",
                "must be a CA with one reload URI and permitted e-mail domains");
  }
  if (issuer.key.public_key().to_der() != ca.public_key().to_der()) {
    return fail(ErrorCode::bad_certificate, "registrar CA", "its key is not the certificate's");
  }
  auto parts = std::make_unique<Template>();
  parts->uri = {ca.node_ids().front(), ca.overlay_name()};
  std::ranges::copy(random.bytes(8), parts->serial.begin());
  parts->serial[0] = static_cast<std::uint8_t>((parts->serial[0] & 0x7F) | 0x40);  // Positive.
  parts->builder.set_key(subject);
  parts->builder.add_key_usage(KU_DIGITAL_SIGNATURE);
  parts->builder.add_authority_key_id(ca);
  return CertificateMint(std::move(issuer), std::move(parts));
}

Result<CertificatePtr> CertificateMint::mint(const std::string& user, WallTime now) {
  const Certificate& ca = *issuer_.certificate;
  if (!is_user_name(user)) {
    return fail(ErrorCode::invalid_argument, "user name", "cannot stand in a certificate");
  }
  if (!is_permitted_email(ca.email_domains(), user)) {
    return fail(ErrorCode::forbidden, "user name", "its domain is none of this overlay's");
  }
  if (!ca.valid_at(now)) {
    return fail(ErrorCode::bad_certificate, "registrar CA", "has expired, or is not valid yet");
  }
  template_->next_serial();
  template_->builder.set_validity(std::max(now - backdated, ca.not_before()),
                                  std::min(now + lifetime, ca.not_after()));
  template_->builder.set_names(template_->uri, user);
  return template_->builder.sign(&ca, issuer_.key, &template_->keys);
}

}  // namespace carillon::security
