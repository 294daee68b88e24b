#include "sim/signatures.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "security/key_pair.hpp"

namespace carillon::sim {
namespace {

security::PublicKey new_key() {
  return security::KeyPair::generate(security::KeyType::ecdsa).value().public_key();
}

TEST(FreeSignatures, HoldForTheSignerAndWhatWasSignedOnly) {
  FreeSignatures signatures;
  const auto alice = new_key();
  const auto bob = new_key();
  const auto signer = signatures.signer(alice);
  (void)signatures.signer(bob);
  const Bytes signature = signer->sign(as_bytes("hello")).value();
  EXPECT_TRUE(signatures.verify(alice, as_bytes("hello"), signature));
  EXPECT_FALSE(signatures.verify(bob, as_bytes("hello"), signature));
  EXPECT_FALSE(signatures.verify(alice, as_bytes("hellO"), signature));
  EXPECT_FALSE(signatures.verify(alice, as_bytes("hello"), {}));
}

TEST(FreeSignatures, NobodySignsForAKeyThatWasNotHandedOut) {
  FreeSignatures signatures;
  const auto signer = signatures.signer(new_key());
  EXPECT_FALSE(signatures.verify(new_key(), as_bytes("x"), signer->sign(as_bytes("x")).value()));
}

TEST(FreeSignatures, AKeyThatIsDecodedAgainIsTheSameKey) {
  FreeSignatures signatures;
  const auto key = new_key();
  const auto again = security::PublicKey::from_der(key.to_der()).value();
  EXPECT_TRUE(
      signatures.verify(again, as_bytes("x"), signatures.signer(key)->sign(as_bytes("x")).value()));
}

}  // namespace
}  // namespace carillon::sim
