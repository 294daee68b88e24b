#include "base/hash.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace carillon {
namespace {

TEST(HmacSha256Test, AgreesWithRfc4231) {
  const HmacSha256 hmac{Bytes(20, 0x0b)};  // Test case 1.
  const std::string expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
  EXPECT_EQ(to_hex(hmac(as_bytes("Hi There"))), expected);
}

TEST(HmacSha256Test, StartsAnewAtEachUse) {
  const HmacSha256 hmac{as_bytes("Jefe")};  // Test case 2.
  const std::string expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_NE(to_hex(hmac(as_bytes("something else"))), expected);
  EXPECT_EQ(to_hex(hmac(as_bytes("what do ya want for nothing?"))), expected);
  EXPECT_EQ(to_hex(hmac(as_bytes("what do ya want for nothing?"))), expected);
}

TEST(HmacSha256Test, TakesAnEmptyKey) {
  const HmacSha256 hmac{ByteView{}};
  EXPECT_EQ(to_hex(hmac({})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

}  // namespace
}  // namespace carillon
