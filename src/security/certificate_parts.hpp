#pragma once

#include <vector>

#include "base/hash.hpp"
#include "base/reader.hpp"

namespace carillon::security {

/// An extension of a certificate (RFC 5280, 4.1).
struct ExtensionPart {
  ByteView oid{};  ///< The content of the OBJECT IDENTIFIER.
  bool critical{false};
  ByteView value{};  ///< The content of the OCTET STRING.
};

/// A certificate taken apart: each part points into the DER form, with its tag and length unless
/// it is said otherwise.
///
/// OpenSSL 3.0 takes 0.1 ms to parse a certificate, nearly all of it to decode the public key anew.
/// A registrar's users all have the same key, so we take the outermost structure apart ourselves;
/// what the parts mean is still OpenSSL's business.
struct CertificateParts {
  ByteView tbs{};  ///< What is signed.
  ByteView serial{};
  ByteView algorithm{};  ///< Of the signature.
  ByteView issuer{};
  ByteView validity{};
  ByteView subject{};
  ByteView public_key{};
  std::vector<ExtensionPart> extensions{};
  ByteView signature{};  ///< The content of the BIT STRING, without its first octet.

  static constexpr std::size_t max_extensions = 32;

  /// `bad_certificate` if it is no X.509 certificate of version 3 in DER, if octets follow it, if
  /// its two signature algorithms differ, or if an extension is there twice.
  [[nodiscard]] static Result<CertificateParts> split(ByteView der);

  /// Null if it is not there.
  [[nodiscard]] const ExtensionPart* extension(int nid) const;

  /// A digest over all that certificates of one CA for the users at one node have in common:
  /// everything but serial, validity, subjectAltName and signature.
  [[nodiscard]] Sha256Digest frame_digest() const;
};

}  // namespace carillon::security
