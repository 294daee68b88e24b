#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "security/certificate.hpp"
#include "security/key_pair.hpp"

namespace carillon::security {

/// Who signs a certificate: a CA's certificate and key.
struct Issuer {
  CertificatePtr certificate;
  KeyPair key;
};

/// Makes user certificates at a registrar peer (DESIGN.md, 'Identity'): over one key, for one
/// Node-ID, from one issuer; only serial, validity and user name differ. What stays the same is
/// built once.
class CertificateMint {
 public:
  /// Longest validity; the issuer's end ends it earlier.
  static constexpr seconds lifetime{30 * 86'400};
  /// Others' clocks may be behind ours by so much.
  static constexpr seconds backdated{3'600};

  /// `issuer` must be a registrar's CA: a CA with exactly one Node-ID and e-mail domains, whose
  /// key fits its certificate; else `bad_certificate`. `random` is used here only, for the part
  /// of the serial numbers that no other mint has.
  [[nodiscard]] static Result<CertificateMint> create(Issuer issuer, const PublicKey& subject,
                                                      Random& random);
  ~CertificateMint();
  CertificateMint(CertificateMint&&) noexcept;
  CertificateMint& operator=(CertificateMint&&) noexcept;

  /// `forbidden` if the user's domain is none of the issuer's, `invalid_argument` if the name
  /// cannot stand in a certificate, `bad_certificate` if the issuer is not valid at `now`.
  [[nodiscard]] Result<CertificatePtr> mint(const std::string& user, WallTime now);

  [[nodiscard]] const CertificatePtr& issuer() const { return issuer_.certificate; }

 private:
  struct Template;
  CertificateMint(Issuer issuer, std::unique_ptr<Template> parts);

  Issuer issuer_;
  std::unique_ptr<Template> template_;
};

}  // namespace carillon::security
