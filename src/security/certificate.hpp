#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/time.hpp"
#include "security/public_key_cache.hpp"

struct x509_st;  // OpenSSL's X509, kept out of the headers.

namespace carillon::security {

struct CertificateParts;
class Certificate;
using CertificatePtr = std::shared_ptr<const Certificate>;

/// A parsed X.509 certificate; immutable and shared. Parsing says nothing about trust: that is
/// ChainVerifier's business.
class Certificate {
 public:
  /// Whoever sends more than this is not sending a certificate of an overlay.
  static constexpr std::size_t max_der_size = 16'384;
  static constexpr std::size_t max_node_ids = 16;

  /// `bad_certificate` if it is not exactly one DER certificate, version 3, with a key that
  /// PublicKey accepts and, where it has a subjectAltName, one as RFC 6940, 11.3 has it: reload
  /// URIs of one overlay and at most one rfc822Name, and no identity of another sort.
  /// `keys`, if given, saves decoding a key that was seen before: most of the cost.
  [[nodiscard]] static Result<CertificatePtr> parse(ByteView der, PublicKeyCache* keys = nullptr);
  /// The first certificate in PEM text.
  [[nodiscard]] static Result<CertificatePtr> parse_pem(std::string_view pem);
  /// All certificates in PEM text, in their order; at least one, at most 16.
  [[nodiscard]] static Result<std::vector<CertificatePtr>> parse_pem_list(std::string_view pem);

  [[nodiscard]] const Bytes& der() const { return der_; }
  [[nodiscard]] std::string to_pem() const;
  /// Over the DER form.
  [[nodiscard]] const Sha256Digest& digest() const { return sha256_; }
  [[nodiscard]] const Sha1Digest& sha1_digest() const { return sha1_; }

  /// In the order of the reload URIs; empty for a root.
  [[nodiscard]] const std::vector<NodeId>& node_ids() const { return node_ids_; }
  [[nodiscard]] bool has_node_id(const NodeId& id) const;
  /// The overlay that the reload URIs name; empty without any.
  [[nodiscard]] const std::string& overlay_name() const { return overlay_name_; }
  /// The rfc822Name, e.g. "alice@example.org"; empty without one.
  [[nodiscard]] const std::string& user_name() const { return user_name_; }

  [[nodiscard]] WallTime not_before() const { return not_before_; }
  /// The last second in which it is valid.
  [[nodiscard]] WallTime not_after() const { return not_after_; }
  [[nodiscard]] bool valid_at(WallTime when) const {
    return not_before_ <= when && when < not_after_ + seconds{1};
  }

  [[nodiscard]] bool is_ca() const { return is_ca_; }
  [[nodiscard]] bool is_self_signed() const { return is_self_signed_; }
  /// May its key sign messages (keyUsage absent, or with digitalSignature)?
  [[nodiscard]] bool may_sign() const { return may_sign_; }
  /// The e-mail names that it may issue (RFC 5280, 4.2.1.10): "example.org" is that domain,
  /// ".example.org" all below it. Empty: no restriction.
  [[nodiscard]] const std::vector<std::string>& email_domains() const { return email_domains_; }
  /// Does it restrict what it issues, and how?
  enum class NameConstraints : std::uint8_t { none, email_only, others };
  [[nodiscard]] NameConstraints name_constraints() const { return name_constraints_; }

  [[nodiscard]] const PublicKey& public_key() const { return *public_key_; }
  /// What is signed, and the signature: both part of `der`.
  [[nodiscard]] ByteView tbs() const { return tbs_; }
  [[nodiscard]] ByteView signature() const { return signature_; }
  /// See CertificateParts::frame_digest.
  [[nodiscard]] const Sha256Digest& frame_digest() const { return frame_digest_; }

  /// OpenSSL's object, made when it is first asked for; null if OpenSSL refuses the certificate.
  [[nodiscard]] x509_st* native() const;

 private:
  struct FreeNative {
    void operator()(x509_st* native) const;
  };

  Certificate() = default;
  Result<void> read_names(const CertificateParts& parts);
  Result<void> read_validity(ByteView validity);
  Result<void> read_roles(const CertificateParts& parts);

  mutable std::unique_ptr<x509_st, FreeNative> native_;
  std::optional<PublicKey> public_key_;
  Bytes der_;
  ByteView tbs_;
  ByteView signature_;
  Sha256Digest sha256_{};
  Sha1Digest sha1_{};
  Sha256Digest frame_digest_{};
  std::vector<NodeId> node_ids_;
  std::string overlay_name_;
  std::string user_name_;
  WallTime not_before_{};
  WallTime not_after_{};
  bool is_ca_{false};
  bool is_self_signed_{false};
  bool may_sign_{true};
  NameConstraints name_constraints_{NameConstraints::none};
  std::vector<std::string> email_domains_;
};

}  // namespace carillon::security
