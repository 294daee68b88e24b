#pragma once

#include <cstdint>

#include "wire/codec.hpp"

namespace carillon::wire {

/// RFC 6091. Only X.509 means anything in RELOAD.
enum class CertificateType : std::uint8_t { x509 = 0, openpgp = 1 };

/// RFC 6940, 6.3.4.
struct GenericCertificate {
  CertificateType type{CertificateType::x509};
  Bytes certificate{};  ///< DER, at most 65535 octets.

  [[nodiscard]] static GenericCertificate decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const GenericCertificate&, const GenericCertificate&) = default;
};

}  // namespace carillon::wire
