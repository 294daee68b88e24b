#include "security/public_key.hpp"

#include <array>
#include <string_view>

#include <openssl/core_names.h>

#include "security/openssl.hpp"
#include "security/p256_table.hpp"

namespace carillon::security {
namespace {

constexpr int min_rsa_bits = 2'048;
constexpr int max_rsa_bits = 4'096;  // Bounds what one verification may cost us.

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view(group.data(), length) == "prime256v1";
}

}  // namespace

struct PublicKey::Uses {
  unsigned verified{0};
  std::unique_ptr<P256Table> table;
};

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key, KeyType type)
    : key_(std::move(key)), type_(type), uses_(std::make_shared<Uses>()) {}

const P256Table* PublicKey::table_for_one_more() const {
  if (type_ != KeyType::ecdsa) return nullptr;
  if (uses_->verified < P256Table::worth_making) {
    ++uses_->verified;
    if (uses_->verified == P256Table::worth_making) uses_->table = P256Table::make(key_.get());
  }
  return uses_->table.get();
}

Result<PublicKey> PublicKey::from_native(evp_pkey_st* key) {
  if (key == nullptr) return fail(ErrorCode::bad_certificate, "PublicKey", "no key");
  KeyType type{};
  if (EVP_PKEY_is_a(key, "EC") == 1 && is_p256(key)) {
    type = KeyType::ecdsa;
  } else if (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= min_rsa_bits &&
             EVP_PKEY_get_bits(key) <= max_rsa_bits) {
    type = KeyType::rsa;
  } else {
    return fail(ErrorCode::bad_certificate, "PublicKey",
                "must be ECDSA P-256, or RSA of 2048 to 4096 bits");
  }
  EVP_PKEY_up_ref(key);
  return PublicKey(std::shared_ptr<evp_pkey_st>(key, EVP_PKEY_free), type);
}

Result<PublicKey> PublicKey::from_der(ByteView subject_public_key_info) {
  const unsigned char* at = subject_public_key_info.data();
  const openssl::Key key{
      d2i_PUBKEY(nullptr, &at, static_cast<long>(subject_public_key_info.size()))};
  if (!key) return fail(ErrorCode::bad_certificate, "PublicKey", openssl::take_error());
  return from_native(key.get());
}

Bytes PublicKey::to_der() const {
  unsigned char* data = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &data);
  const openssl::Octets owner{data};
  return size > 0 ? Bytes(data, data + size) : Bytes();
}

}  // namespace carillon::security
