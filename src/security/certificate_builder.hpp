#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "security/certificate.hpp"
#include "security/key_pair.hpp"
#include "security/openssl.hpp"
#include "security/reload_uri.hpp"

namespace carillon::security {

/// Puts a certificate together. For security's own sources. Any call that OpenSSL refuses makes
/// the builder fail; `sign` tells.
class CertificateBuilder {
 public:
  CertificateBuilder();

  /// `octets`: a positive big-endian number of at most 20 octets (RFC 5280, 4.1.2.2).
  void set_serial(ByteView octets);
  void set_validity(WallTime from, WallTime until);
  /// A common name; without this call the subject stays empty (11.3).
  void set_subject(std::string_view common_name);
  void set_key(const PublicKey& key);

  /// basicConstraints, critical, with CA:TRUE; `path_length` below 0 is no limit.
  void add_ca(int path_length);
  /// keyUsage, critical; bits as OpenSSL's KU_ constants.
  void add_key_usage(unsigned bits);
  /// The subjectAltName (11.3), critical if the subject is empty; replaces an earlier one if that
  /// was the extension added last.
  void set_names(const ReloadUri& uri, const std::string& user_name);
  /// The subjectAltName of an HTTPS server: host names and IP addresses.
  void set_hosts(const std::vector<std::string>& hosts);
  /// nameConstraints, critical: permitted e-mail domains.
  void add_email_domains(const std::vector<std::string>& domains);
  void add_subject_key_id();
  /// authorityKeyIdentifier from the issuer's subjectKeyIdentifier.
  void add_authority_key_id(const Certificate& issuer);

  /// Signs as `issuer_certificate`, or as its own issuer if null. May be called again after
  /// changes.
  [[nodiscard]] Result<CertificatePtr> sign(const Certificate* issuer_certificate,
                                            const KeyPair& issuer_key,
                                            PublicKeyCache* keys = nullptr);

  /// For what is no certificate of an overlay's node, user or CA, and so none that Certificate
  /// would parse.
  [[nodiscard]] Result<std::string> sign_to_pem(const Certificate& issuer_certificate,
                                                const KeyPair& issuer_key);

  /// For extensions that have no call here.
  [[nodiscard]] X509* native() { return x509_.get(); }

 private:
  void sign_with(X509_NAME* issuer, const KeyPair& key);
  void require(bool good);
  void add(int nid, void* value, bool critical);

  openssl::X509Ptr x509_;
  bool names_last_{false};
  bool failed_{false};
  std::string reason_{};
};

}  // namespace carillon::security
