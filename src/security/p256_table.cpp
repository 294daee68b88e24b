#include "security/p256_table.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include "security/openssl.hpp"

namespace carillon::security {
namespace {

using Number = std::unique_ptr<BIGNUM, openssl::Release<BN_free>>;
using Numbers = std::unique_ptr<BN_CTX, openssl::Release<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, openssl::Release<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, openssl::Release<EC_POINT_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, openssl::Release<ECDSA_SIG_free>>;

std::atomic<int> tables_made{0};

/// Makes OpenSSL multiply the group's generator by a table of its multiples.
bool make_multiples(EC_GROUP* group, BN_CTX* scratch) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // Nothing has taken its place yet.
  return EC_GROUP_precompute_mult(group, scratch) == 1 && EC_GROUP_have_precompute_mult(group) == 1;
#pragma GCC diagnostic pop
}

/// One form for each signature: nothing behind it, no other length octets.
EcdsaSignature read_signature(ByteView der) {
  auto signature = openssl::decode<EcdsaSignature>(d2i_ECDSA_SIG, der);
  if (!signature) return nullptr;
  unsigned char* again = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &again);
  const openssl::Octets owner{again};
  const bool same =
      size > 0 && std::ranges::equal(ByteView(again, static_cast<std::size_t>(size)), der);
  return same ? std::move(signature) : nullptr;
}

}  // namespace

struct P256Table::Curve {
  Curve()
      : group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)),
        scratch(BN_CTX_new()),
        inverse(BN_new()),
        u1(BN_new()),
        u2(BN_new()) {}

  [[nodiscard]] bool set_key(EVP_PKEY* key) {
    std::array<unsigned char, 1 + 2 * 32> octets{};
    std::size_t size = 0;
    if (!group || !scratch || !inverse || !u1 || !u2 ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size(),
                                        &size) != 1) {
      return false;
    }
    order = EC_GROUP_get0_order(group.get());
    const Point point{EC_POINT_new(group.get())};
    key_group.reset(EC_GROUP_dup(group.get()));
    sum.reset(EC_POINT_new(group.get()));
    term.reset(EC_POINT_new(group.get()));
    return point && key_group && sum && term &&
           EC_POINT_oct2point(group.get(), point.get(), octets.data(), size, scratch.get()) == 1 &&
           EC_GROUP_set_generator(key_group.get(), point.get(), order, BN_value_one()) == 1 &&
           make_multiples(key_group.get(), scratch.get());
  }

  Group group;
  Group key_group;  ///< The same curve, with the key's point for its generator.
  const BIGNUM* order{nullptr};
  // What a verification needs for a while.
  Numbers scratch;
  Number inverse;
  Number u1;
  Number u2;
  Point sum;
  Point term;
};

P256Table::P256Table(std::unique_ptr<Curve> curve) : curve_(std::move(curve)) {
  ++tables_made;
}

P256Table::~P256Table() {
  --tables_made;
}

std::unique_ptr<P256Table> P256Table::make(evp_pkey_st* key) {
  if (tables_made >= max_tables) return nullptr;
  auto curve = std::make_unique<Curve>();
  const bool good = curve->set_key(key);
  if (!good) openssl::clear_errors();
  return good ? std::unique_ptr<P256Table>(new P256Table(std::move(curve))) : nullptr;
}

bool P256Table::verify(const Sha256Digest& digest, ByteView der) const {
  const EcdsaSignature signature = read_signature(der);
  if (!signature) return false;
  auto& [group, key_group, n, scratch, inverse, u1, u2, sum, term] = *curve_;
  const BIGNUM* r = ECDSA_SIG_get0_r(signature.get());
  const BIGNUM* s = ECDSA_SIG_get0_s(signature.get());
  for (const BIGNUM* number : {r, s}) {
    if (BN_is_negative(number) || BN_is_zero(number) || BN_cmp(number, n) >= 0) return false;
  }
  // u1 = e/s, u2 = r/s; good if r is the x coordinate of u1 G + u2 Q, modulo n.
  return BN_mod_inverse(inverse.get(), s, n, scratch.get()) != nullptr &&
         BN_bin2bn(digest.data(), static_cast<int>(digest.size()), u1.get()) != nullptr &&
         BN_mod_mul(u1.get(), u1.get(), inverse.get(), n, scratch.get()) == 1 &&
         BN_mod_mul(u2.get(), r, inverse.get(), n, scratch.get()) == 1 &&
         EC_POINT_mul(group.get(), sum.get(), u1.get(), nullptr, nullptr, scratch.get()) == 1 &&
         EC_POINT_mul(key_group.get(), term.get(), u2.get(), nullptr, nullptr, scratch.get()) ==
             1 &&
         EC_POINT_add(group.get(), sum.get(), sum.get(), term.get(), scratch.get()) == 1 &&
         EC_POINT_is_at_infinity(group.get(), sum.get()) == 0 &&
         EC_POINT_get_affine_coordinates(group.get(), sum.get(), u1.get(), nullptr,
                                         scratch.get()) == 1 &&
         BN_nnmod(u1.get(), u1.get(), n, scratch.get()) == 1 && BN_cmp(u1.get(), r) == 0;
}

}  // namespace carillon::security
