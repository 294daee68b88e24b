#include "io/secure_random.hpp"

#include <stdexcept>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace carillon::io {

SecureRandom::~SecureRandom() {
  OPENSSL_cleanse(block_.data(), sizeof block_);
}

std::uint64_t SecureRandom::u64() {
  if (used_ == block_.size()) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(block_.data()), sizeof block_) != 1) {
      throw std::runtime_error("OpenSSL has no randomness to give");
    }
    used_ = 0;
  }
  // What was handed out is forgotten: a later look into memory shows no earlier nonce.
  return std::exchange(block_[used_++], 0);
}

}  // namespace carillon::io
