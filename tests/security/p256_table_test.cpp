#include "security/p256_table.hpp"

#include <gtest/gtest.h>

#include "security/openssl_signer.hpp"

namespace carillon::security {
namespace {

/// A DER ECDSA-Sig-Value of two numbers, each in big-endian order without superfluous zeros.
Bytes sig_value(const Bytes& r, const Bytes& s) {
  Bytes numbers;
  for (const Bytes* number : {&r, &s}) {
    numbers.push_back(0x02);
    numbers.push_back(static_cast<std::uint8_t>(number->size()));
    append(numbers, *number);
  }
  Bytes whole{0x30, static_cast<std::uint8_t>(numbers.size())};
  append(whole, numbers);
  return whole;
}

/// The order of the curve, FIPS 186-5.
const Bytes order{0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
                  0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

struct P256TableTest : testing::Test {
  KeyPair key = *KeyPair::generate(KeyType::ecdsa);
  OpensslSigner signer{key};
  std::unique_ptr<P256Table> table = P256Table::make(key.native());
};

TEST_F(P256TableTest, SaysWhatOpensslSays) {
  ASSERT_NE(table, nullptr);
  OpensslVerifier openssl;
  // A key of its own each time: this one stays below what is worth a table.
  const PublicKey plain = *PublicKey::from_native(key.native());
  for (std::uint8_t i = 0; i < 100; ++i) {
    const Bytes text(1 + i, i);
    Bytes signature = *signer.sign(text);
    EXPECT_TRUE(table->verify(sha256(text), signature));
    EXPECT_FALSE(table->verify(sha256(Bytes{i}), i == 0 ? Bytes{} : signature));
    signature[i % signature.size()] ^= static_cast<std::uint8_t>(1 + i);
    EXPECT_EQ(table->verify(sha256(text), signature), openssl.verify(plain, text, signature));
  }
}

TEST_F(P256TableTest, RefusesNumbersThatAreOutOfRange) {
  const Sha256Digest digest = sha256(Bytes{1});
  Bytes beyond = order;
  ++beyond.back();
  for (const Bytes& number : {Bytes{0}, order, beyond, Bytes{0xff}, Bytes(40, 0x7f)}) {
    EXPECT_FALSE(table->verify(digest, sig_value(number, {1})));
    EXPECT_FALSE(table->verify(digest, sig_value({1}, number)));
    EXPECT_FALSE(table->verify(digest, sig_value(number, number)));
  }
}

TEST_F(P256TableTest, KnowsOneFormForEachSignature) {
  const Bytes text{1, 2, 3};
  const Bytes signature = *signer.sign(text);
  Bytes longer = signature;
  longer.push_back(0);
  EXPECT_FALSE(table->verify(sha256(text), longer));
  Bytes other_length{0x30, 0x81};  // The length in two octets, which BER allows.
  append(other_length, ByteView(signature).subspan(1));
  EXPECT_FALSE(table->verify(sha256(text), other_length));
  EXPECT_FALSE(table->verify(sha256(text), ByteView(signature).first(signature.size() - 1)));
}

TEST_F(P256TableTest, IsOfOneKey) {
  const KeyPair another = *KeyPair::generate(KeyType::ecdsa);
  EXPECT_FALSE(table->verify(sha256(Bytes{1}), *OpensslSigner(another).sign(Bytes{1})));
}

TEST(PublicKeyTable, IsMadeWhenItPays) {
  const KeyPair key = *KeyPair::generate(KeyType::ecdsa);
  OpensslSigner signer{key};
  OpensslVerifier verifier;
  const PublicKey copy = key.public_key();  // Copies count together.
  for (unsigned i = 1; i < P256Table::worth_making; ++i)
    ASSERT_EQ((i % 2 == 0 ? copy : key.public_key()).table_for_one_more(), nullptr);
  EXPECT_NE(copy.table_for_one_more(), nullptr);
  EXPECT_TRUE(verifier.verify(copy, Bytes{7}, *signer.sign(Bytes{7})));
  EXPECT_FALSE(verifier.verify(copy, Bytes{8}, *signer.sign(Bytes{7})));
}

TEST(PublicKeyTable, IsNotForRsa) {
  const KeyPair key = *KeyPair::generate(KeyType::rsa);
  for (unsigned i = 0; i < P256Table::worth_making + 1; ++i)
    ASSERT_EQ(key.public_key().table_for_one_more(), nullptr);
}

TEST(PublicKeyTable, ThereAreOnlySoMany) {
  const KeyPair key = *KeyPair::generate(KeyType::ecdsa);
  std::vector<std::unique_ptr<P256Table>> tables;
  while (auto table = P256Table::make(key.native()))
    tables.push_back(std::move(table));
  EXPECT_LE(tables.size(), static_cast<std::size_t>(P256Table::max_tables));
  tables.pop_back();
  EXPECT_NE(P256Table::make(key.native()), nullptr);
}

}  // namespace
}  // namespace carillon::security
