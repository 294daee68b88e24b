#pragma once

#include <memory>

#include "security/key_pair.hpp"
#include "security/signer.hpp"

struct evp_pkey_ctx_st;

namespace carillon::security {

/// Signs with OpenSSL. The context is set up once and used for every signature.
class OpensslSigner final : public Signer {
 public:
  explicit OpensslSigner(KeyPair key);
  ~OpensslSigner() override;

  [[nodiscard]] KeyType type() const override { return key_.type(); }
  [[nodiscard]] Result<Bytes> sign(ByteView input) override;

 private:
  struct FreeContext {
    void operator()(evp_pkey_ctx_st* context) const;
  };
  KeyPair key_;
  std::unique_ptr<evp_pkey_ctx_st, FreeContext> context_;
};

/// Verifies with OpenSSL.
class OpensslVerifier final : public Verifier {
 public:
  [[nodiscard]] bool verify(const PublicKey& key, ByteView input, ByteView signature) override;
};

}  // namespace carillon::security
