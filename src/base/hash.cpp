#include "base/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace carillon {
namespace {

// Fetched once: EVP_sha1() and its kin are looked up in the provider at every digest otherwise.
template <typename Digest>
Digest digest(const EVP_MD* algorithm, ByteView octets) {
  Digest out{};
  unsigned int length = 0;
  EVP_Digest(octets.data(), octets.size(), out.data(), &length, algorithm, nullptr);
  return out;
}

const EVP_MD* fetched(const char* name) {
  return EVP_MD_fetch(nullptr, name, nullptr);
}

}  // namespace

Sha1Digest sha1(ByteView octets) {
  static const EVP_MD* const algorithm = fetched("SHA1");
  return digest<Sha1Digest>(algorithm, octets);
}

Sha256Digest sha256(ByteView octets) {
  static const EVP_MD* const algorithm = fetched("SHA256");
  return digest<Sha256Digest>(algorithm, octets);
}

Sha256Digest sha512_256(ByteView octets) {
  static const EVP_MD* const algorithm = fetched("SHA512-256");
  return digest<Sha256Digest>(algorithm, octets);
}

Md5Digest md5(ByteView octets) {
  static const EVP_MD* const algorithm = fetched("MD5");
  return digest<Md5Digest>(algorithm, octets);
}

void HmacSha256::Free::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(ByteView key) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  context_.reset(EVP_MAC_CTX_new(algorithm));
  std::array digest{std::to_array(SN_sha256)};
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  const std::uint8_t none = 0;  // OpenSSL would take a null pointer for "the key of last time".
  EVP_MAC_init(context_.get(), key.empty() ? &none : key.data(), key.size(), parameters.data());
}

Sha256Digest HmacSha256::operator()(ByteView octets) const {
  Sha256Digest out{};
  std::size_t length = 0;
  EVP_MAC_init(context_.get(), nullptr, 0, nullptr);  // The same key again.
  EVP_MAC_update(context_.get(), octets.data(), octets.size());
  EVP_MAC_final(context_.get(), out.data(), &length, out.size());
  return out;
}

}  // namespace carillon
