#pragma once

#include "security/authenticator.hpp"
#include "storage/signer.hpp"

namespace carillon::peer {

[[nodiscard]] inline storage::Signer to_storage(const security::SignerInfo& signer) {
  return {signer.user(), signer.node_id, signer.chain};
}

/// Verifies the values of one message, with the certificates that came with it; keeps the chains
/// that were needed, to send them along when the values travel on (RFC 6940, 6.3.4).
class ValueVerification final : public storage::ValueVerifier {
 public:
  ValueVerification(security::Authenticator& authenticator,
                    const security::CertificateBucket& bucket)
      : authenticator_(authenticator), bucket_(bucket) {}

  [[nodiscard]] Result<storage::Signer> verify(const ResourceId& resource, KindId kind,
                                               const wire::StoredData& value, Now now) override {
    auto signer = authenticator_.verify_value(resource, kind, value, bucket_, now.wall);
    if (!signer) return std::unexpected(signer.error());
    used_.add(*signer->chain);
    return to_storage(*signer);
  }

  [[nodiscard]] security::CertificateBucket take_used() && { return std::move(used_); }

 private:
  security::Authenticator& authenticator_;
  const security::CertificateBucket& bucket_;
  security::CertificateBucket used_;
};

}  // namespace carillon::peer
