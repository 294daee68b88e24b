#include "base/hash.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

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

Md5Digest md5(ByteView octets) {
  static const EVP_MD* const algorithm = fetched("MD5");
  return digest<Md5Digest>(algorithm, octets);
}

Sha256Digest hmac_sha256(ByteView key, ByteView octets) {
  Sha256Digest out{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets.data(), octets.size(),
       out.data(), &length);
  return out;
}

}  // namespace carillon
