#pragma once

#include <memory>
#include <string>

#include "base/time.hpp"
#include "security/chain_verifier.hpp"
#include "wire/stored_data.hpp"

namespace carillon::storage {

/// Whoever signed a value or a request, the signature and the certificate already verified.
struct Signer {
  std::string user_name{};  ///< The certificate's rfc822Name; may be empty.
  NodeId node_id{};         ///< The Node-ID that the SignerIdentity indicates (6.3.4).
  /// The certificate and what lies between it and the root, kept with the values that need it.
  /// Null only in an overlay without signatures (LocalOverlay).
  std::shared_ptr<const security::VerifiedChain> chain{};
};

/// Verifies the signatures of stored values (RFC 6940, 7.1); the peer implements it with the
/// certificates that came with the message.
class ValueVerifier {
 public:
  virtual ~ValueVerifier() = default;
  /// `forbidden` or `bad_certificate` with the reason.
  [[nodiscard]] virtual Result<Signer> verify(const ResourceId& resource, KindId kind,
                                              const wire::StoredData& value, Now now) = 0;
};

}  // namespace carillon::storage
