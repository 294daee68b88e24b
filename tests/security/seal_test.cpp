#include "security/seal.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "test_overlay.hpp"

namespace carillon::security {
namespace {

// McGrew and Viega's GCM test case 16 with the nonce in front, as `seal` has it.
TEST(Seal, OpensAKnownAnswer) {
  const auto key =
      OperatorKey::from_text("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
          .value();
  const auto sealed = from_hex(
                          "cafebabefacedbaddecaf888"
                          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                          "76fc6ece0f4e1768cddf8853bb2d551b")
                          .value();
  const auto associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
  EXPECT_EQ(to_hex(open_sealed(key, sealed, associated).value()),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

class SealTest : public testing::Test {
 protected:
  SeededRandom random{1};
  OperatorKey key = OperatorKey::generate(random);
};

TEST_F(SealTest, OpensWhatWasSealed) {
  for (std::size_t size : {0U, 1U, 15U, 16U, 17U, 5000U}) {
    const Bytes plain(size, 0x5A);
    const Bytes sealed = seal(key, random, plain, as_bytes("alice@example.org")).value();
    EXPECT_EQ(sealed.size(), size + 28);
    EXPECT_EQ(open_sealed(key, sealed, as_bytes("alice@example.org")).value(), plain);
    EXPECT_EQ(open_sealed(key, seal(key, random, plain, {}).value(), {}).value(), plain);
  }
}

TEST_F(SealTest, NeverSealsAlike) {
  EXPECT_NE(seal(key, random, as_bytes("x"), {}).value(),
            seal(key, random, as_bytes("x"), {}).value());
}

TEST_F(SealTest, RefusesAnythingElse) {
  const Bytes sealed = seal(key, random, as_bytes("secret"), as_bytes("alice")).value();
  EXPECT_TRUE(fails_with(open_sealed(key, sealed, as_bytes("bob")), ErrorCode::corrupt));
  EXPECT_TRUE(fails_with(open_sealed(OperatorKey::generate(random), sealed, as_bytes("alice")),
                         ErrorCode::corrupt));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_TRUE(fails_with(open_sealed(key, changed, as_bytes("alice")), ErrorCode::corrupt));
    EXPECT_TRUE(fails_with(open_sealed(key, ByteView(sealed).first(i), as_bytes("alice")),
                           ErrorCode::corrupt));
  }
}

TEST_F(SealTest, KeySurvivesItsText) {
  const std::string text = key.to_text();
  EXPECT_EQ(text.size(), 65U);
  EXPECT_EQ(OperatorKey::from_text(" " + text).value().octets, key.octets);
  EXPECT_TRUE(fails_with(OperatorKey::from_text(text.substr(2)), ErrorCode::invalid_argument));
  EXPECT_TRUE(fails_with(OperatorKey::from_text("none"), ErrorCode::invalid_argument));
}

}  // namespace
}  // namespace carillon::security
