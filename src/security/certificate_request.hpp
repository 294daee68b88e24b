#pragma once

#include <string>

#include "security/key_pair.hpp"

namespace carillon::security {

/// A certificate signing request (PKCS#10, RFC 2986) whose signature is good: whoever made it
/// holds the key.
class CertificateRequest {
 public:
  static constexpr std::size_t max_der_size = 8'192;

  /// A request over `key` without a subject: the enrollment server chooses the names. DER.
  [[nodiscard]] static Result<Bytes> create(const KeyPair& key);

  /// DER. `bad_certificate` if it is not exactly one request, its signature does not verify, or
  /// its key is none that PublicKey accepts.
  [[nodiscard]] static Result<CertificateRequest> parse(ByteView der);

  [[nodiscard]] const PublicKey& key() const { return key_; }
  /// It asks for a name of its own: a subject, or a subjectAltName.
  [[nodiscard]] bool asks_for_names() const { return asks_for_names_; }

 private:
  CertificateRequest(PublicKey key, bool asks_for_names)
      : key_(std::move(key)), asks_for_names_(asks_for_names) {}

  PublicKey key_;
  bool asks_for_names_;
};

}  // namespace carillon::security
