#include "security/openssl_signer.hpp"

#include <openssl/rsa.h>

#include "base/hash.hpp"
#include "security/openssl.hpp"
#include "security/p256_table.hpp"

namespace carillon::security {
namespace {

/// The one setting that signing and verifying share: what the digest was made with.
bool set_up(EVP_PKEY_CTX* context, KeyType type) {
  return EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
         (type != KeyType::rsa || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1);
}

}  // namespace

void OpensslSigner::FreeContext::operator()(evp_pkey_ctx_st* context) const {
  EVP_PKEY_CTX_free(context);
}

OpensslSigner::OpensslSigner(KeyPair key)
    : key_(std::move(key)), context_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.native(), nullptr)) {
  if (context_ && (EVP_PKEY_sign_init(context_.get()) != 1 || !set_up(context_.get(), type()))) {
    context_.reset();  // `sign` tells.
  }
  openssl::clear_errors();
}

OpensslSigner::~OpensslSigner() = default;

Result<Bytes> OpensslSigner::sign(ByteView input) {
  if (!context_) return fail(ErrorCode::io, "sign", "OpenSSL refused the key");
  const Sha256Digest digest = sha256(input);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.native()));
  Bytes signature(size);
  if (EVP_PKEY_sign(context_.get(), signature.data(), &size, digest.data(), digest.size()) != 1) {
    return fail(ErrorCode::io, "sign", openssl::take_error());
  }
  signature.resize(size);
  return signature;
}

bool OpensslVerifier::verify(const PublicKey& key, ByteView input, ByteView signature) {
  const Sha256Digest digest = sha256(input);
  if (const P256Table* table = key.table_for_one_more()) {
    const bool good = table->verify(digest, signature);
    if (!good) openssl::clear_errors();
    return good;
  }
  const openssl::KeyContext context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr)};
  const bool good = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                    set_up(context.get(), key.type()) &&
                    EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                    digest.data(), digest.size()) == 1;
  if (!good) openssl::clear_errors();
  return good;
}

}  // namespace carillon::security
