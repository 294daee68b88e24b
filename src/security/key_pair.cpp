#include "security/key_pair.hpp"

#include <openssl/pem.h>

#include "security/openssl.hpp"

namespace carillon::security {
namespace {

constexpr unsigned int rsa_bits = 2'048;

}  // namespace

Result<KeyPair> KeyPair::generate(KeyType type) {
  const openssl::Key key{type == KeyType::ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(rsa_bits)};
  if (!key) return fail(ErrorCode::io, "KeyPair", openssl::take_error());
  auto half = PublicKey::from_native(key.get());
  if (!half) return std::unexpected(half.error());
  return KeyPair(*std::move(half));
}

Result<KeyPair> KeyPair::from_pem(std::string_view pem) {
  const auto bio = openssl::memory(pem);
  const openssl::Key key{
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, openssl::no_passphrase, nullptr) : nullptr};
  if (!key) {
    return fail(ErrorCode::invalid_argument, "KeyPair",
                "no private key in PEM form: " + openssl::take_error());
  }
  auto half = PublicKey::from_native(key.get());
  if (!half) return fail(ErrorCode::invalid_argument, "KeyPair", half.error().detail);
  return KeyPair(*std::move(half));
}

std::string KeyPair::to_pem() const {
  const openssl::BioPtr bio{BIO_new(BIO_s_mem())};
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), native(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1) {
    return {};
  }
  return openssl::contents(*bio);
}

}  // namespace carillon::security
