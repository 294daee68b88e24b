#include "security/reload_uri.hpp"

#include <gtest/gtest.h>

namespace carillon::security {
namespace {

constexpr auto id_hex = "00112233445566778899aabbccddeeff";

TEST(ReloadUri, Reads) {
  const auto uri = ReloadUri::parse("reload://011000112233445566778899aabbccddeeff@a.example/");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->node_id.to_hex(), id_hex);
  EXPECT_EQ(uri->overlay_name, "a.example");
  EXPECT_EQ(uri->to_string(), "reload://011000112233445566778899aabbccddeeff@a.example/");
}

TEST(ReloadUri, SchemeAndDigitsMayBeOfEitherCase) {
  EXPECT_TRUE(ReloadUri::parse("RELOAD://011000112233445566778899AABBCCDDEEFF@a.example/"));
}

class BadReloadUri : public testing::TestWithParam<const char*> {};

TEST_P(BadReloadUri, IsRefused) {
  const auto uri = ReloadUri::parse(GetParam());
  ASSERT_FALSE(uri);
  EXPECT_EQ(uri.error().code, ErrorCode::bad_certificate);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadReloadUri,
    testing::Values("", "reload:", "reload://", "http://011000112233445566778899aabbccddeeff@a/",
                    "reload://011000112233445566778899aabbccddeeff@a.example",     // no slash
                    "reload://011000112233445566778899aabbccddeeff@a.example/01",  // a specifier
                    "reload://011000112233445566778899aabbccddeeff@/",             // no overlay
                    "reload://011000112233445566778899aabbccddeeff@a b/",          // a space
                    "reload://011000112233445566778899aabbccddeeff@a@b/",          // two @
                    "reload://011000112233445566778899aabbccddeef@a/",             // too short
                    "reload://021000112233445566778899aabbccddeeff@a/",            // a resource
                    "reload://01100011223344556677889 9aabbccddeeff@a/",           // a space
                    "reload://0110001122334455667788 99aabbccddeef@a/",            // in digits
                    "reload://0110zz112233445566778899aabbccddeeff@a/",            // no digits
                    "reload://011000000000000000000000000000000000@a/",            // reserved
                    "reload://0110ffffffffffffffffffffffffffffffff@a/",            // wildcard
                    "reload://011000112233445566778899aabbccddeeff"
                    "011000112233445566778899aabbccddeeff@a/"));  // two destinations

}  // namespace
}  // namespace carillon::security
