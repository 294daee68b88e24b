#pragma once

#include <vector>

#include "wire/generic_certificate.hpp"
#include "wire/signature.hpp"

namespace carillon::wire {

/// RFC 6940, 6.3.4. The certificates take at most 65535 octets together.
struct SecurityBlock {
  std::vector<GenericCertificate> certificates{};
  Signature signature{};

  [[nodiscard]] static SecurityBlock decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const SecurityBlock&, const SecurityBlock&) = default;
};

}  // namespace carillon::wire
