#include "security/seal.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "security/openssl.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t max_text_size = 1'048'576;

const EVP_CIPHER* cipher() {
  return EVP_aes_256_gcm();
}

std::unexpected<Error> library_failed() {
  return fail(ErrorCode::io, "AES-256-GCM", openssl::take_error());
}

int length(ByteView octets) {
  return static_cast<int>(octets.size());
}

}  // namespace

OperatorKey OperatorKey::generate(Random& random) {
  OperatorKey key;
  std::ranges::copy(random.bytes(key.octets.size()), key.octets.begin());
  return key;
}

Result<OperatorKey> OperatorKey::from_text(std::string_view text) {
  OperatorKey key;
  const auto octets = from_hex(text);
  if (!octets || octets->size() != key.octets.size()) {
    return fail(ErrorCode::invalid_argument, "operator key", "must be 64 hexadecimal digits");
  }
  std::ranges::copy(*octets, key.octets.begin());
  return key;
}

std::string OperatorKey::to_text() const {
  return to_hex(octets) + "\n";
}

Result<Bytes> seal(const OperatorKey& key, Random& random, ByteView plaintext,
                   ByteView associated) {
  if (plaintext.size() > max_text_size || associated.size() > max_text_size) {
    return fail(ErrorCode::too_large, "seal", "more than a megabyte");
  }
  Bytes sealed = random.bytes(nonce_size);
  sealed.resize(nonce_size + plaintext.size() + tag_size);
  unsigned char* text = sealed.data() + nonce_size;
  unsigned char* tag = text + plaintext.size();
  const openssl::CipherContext context{EVP_CIPHER_CTX_new()};
  int written = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), cipher(), nullptr, key.octets.data(), sealed.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &written, associated.data(), length(associated)) !=
          1 ||
      EVP_EncryptUpdate(context.get(), text, &written, plaintext.data(), length(plaintext)) != 1 ||
      EVP_EncryptFinal_ex(context.get(), tag, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag) != 1) {
    return library_failed();
  }
  return sealed;
}

Result<Bytes> open_sealed(const OperatorKey& key, ByteView sealed, ByteView associated) {
  if (sealed.size() < nonce_size + tag_size ||
      sealed.size() > nonce_size + max_text_size + tag_size || associated.size() > max_text_size) {
    return fail(ErrorCode::corrupt, "sealed value", "of an impossible size");
  }
  const ByteView nonce = sealed.first(nonce_size);
  const ByteView text = sealed.subspan(nonce_size, sealed.size() - nonce_size - tag_size);
  Bytes tag = to_bytes(sealed.last(tag_size));
  Bytes plaintext(text.size());
  const openssl::CipherContext context{EVP_CIPHER_CTX_new()};
  int written = 0;
  if (!context ||
      EVP_DecryptInit_ex(context.get(), cipher(), nullptr, key.octets.data(), nonce.data()) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &written, associated.data(), length(associated)) !=
          1 ||
      EVP_DecryptUpdate(context.get(), plaintext.data(), &written, text.data(), length(text)) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) != 1) {
    return library_failed();
  }
  if (EVP_DecryptFinal_ex(context.get(), plaintext.data() + plaintext.size(), &written) != 1) {
    openssl::clear_errors();
    return fail(ErrorCode::corrupt, "sealed value", "another key, or it was changed");
  }
  return plaintext;
}

}  // namespace carillon::security
