#pragma once

#include "wire/algorithms.hpp"
#include "wire/signer_identity.hpp"

namespace carillon::wire {

/// RFC 6940, 6.3.4. The default is the empty signature of values that a Fetch answer makes up.
struct Signature {
  SignatureAndHashAlgorithm algorithm{};
  SignerIdentity identity{};
  Bytes signature_value{};  ///< At most 65535 octets.

  /// Neither algorithm, signer nor value (7.4.2.2).
  [[nodiscard]] bool is_empty() const { return *this == Signature{}; }

  [[nodiscard]] static Signature decode(Reader& reader);
  void encode(Writer& writer) const;
  friend bool operator==(const Signature&, const Signature&) = default;
};

}  // namespace carillon::wire
