#include "security/certificate.hpp"

#include <gtest/gtest.h>

#include "security/certificate_cache.hpp"
#include "security/certificate_names.hpp"
#include "test_overlay.hpp"

namespace carillon::security {
namespace {

class CertificateOfBothKeys : public testing::TestWithParam<KeyType> {};
INSTANTIATE_TEST_SUITE_P(KeyTypes, CertificateOfBothKeys,
                         testing::Values(KeyType::ecdsa, KeyType::rsa));

TEST_P(CertificateOfBothKeys, HasTheNamesOfANode) {
  TestOverlay overlay(GetParam());
  const NodeId id = NodeId::from_hex("00112233445566778899aabbccddeeff").value();
  const auto certificate = overlay.node(id).certificate;
  EXPECT_EQ(certificate->node_ids(), std::vector{id});
  EXPECT_EQ(certificate->overlay_name(), "overlay.example.org");
  EXPECT_EQ(certificate->user_name(), "node-00112233445566778899aabbccddeeff@overlay.example.org");
  EXPECT_FALSE(certificate->is_ca());
  EXPECT_TRUE(certificate->may_sign());
  EXPECT_EQ(certificate->public_key().type(), GetParam());
  EXPECT_EQ(certificate->not_before(), test_now - CertificateMint::backdated);
  EXPECT_EQ(certificate->not_after(), test_now + node_lifetime);
  EXPECT_TRUE(certificate->valid_at(test_now));
  EXPECT_TRUE(certificate->valid_at(certificate->not_after() + milliseconds{999}));
  EXPECT_FALSE(certificate->valid_at(certificate->not_after() + seconds{1}));
  EXPECT_FALSE(certificate->valid_at(certificate->not_before() - milliseconds{1}));
}

TEST_P(CertificateOfBothKeys, SurvivesPemAndDer) {
  TestOverlay overlay(GetParam());
  const auto certificate = overlay.node().certificate;
  const auto again = Certificate::parse_pem(certificate->to_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->der(), certificate->der());
  EXPECT_EQ((*again)->digest(), sha256(certificate->der()));
  EXPECT_EQ((*again)->sha1_digest(), sha1(certificate->der()));
  const auto list = Certificate::parse_pem_list(certificate->to_pem() + "text between\n" +
                                                overlay.root.certificate->to_pem());
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_TRUE((*list)[1]->is_ca());
  EXPECT_TRUE((*list)[1]->is_self_signed());
}

TEST_P(CertificateOfBothKeys, OfARegistrarSaysForWhomItMaySpeak) {
  TestOverlay overlay(GetParam());
  const NodeId id = random_node_id(overlay.random);
  const auto certificate = overlay.registrar(id, {"example.org", ".example.net"}).certificate;
  EXPECT_TRUE(certificate->is_ca());
  EXPECT_EQ(certificate->node_ids(), std::vector{id});
  EXPECT_EQ(certificate->email_domains(),
            (std::vector<std::string>{"example.org", ".example.net"}));
  EXPECT_EQ(certificate->user_name(), "");
}

TEST_P(CertificateOfBothKeys, KeyPairSurvivesPem) {
  const auto key = KeyPair::generate(GetParam());
  ASSERT_TRUE(key);
  const auto again = KeyPair::from_pem(key->to_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key().to_der(), key->public_key().to_der());
  const auto half = PublicKey::from_der(key->public_key().to_der());
  ASSERT_TRUE(half);
  EXPECT_EQ(half->to_der(), key->public_key().to_der());
}

TEST(Certificate, RefusesEveryTruncation) {
  TestOverlay overlay;
  const Bytes der = overlay.node().certificate->der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_TRUE(
        fails_with(Certificate::parse(ByteView(der).first(size)), ErrorCode::bad_certificate))
        << size;
  }
}

TEST(Certificate, RefusesOctetsAfterItsEnd) {
  TestOverlay overlay;
  Bytes der = overlay.node().certificate->der();
  der.push_back(0);
  EXPECT_TRUE(fails_with(Certificate::parse(der), ErrorCode::bad_certificate, "too many"));
}

TEST(Certificate, RefusesWhatIsTooLarge) {
  EXPECT_TRUE(
      fails_with(Certificate::parse(Bytes(Certificate::max_der_size + 1)), ErrorCode::too_large));
}

TEST(Certificate, NoPemIsAnError) {
  EXPECT_TRUE(fails_with(Certificate::parse_pem("no certificate"), ErrorCode::bad_certificate));
  EXPECT_TRUE(fails_with(KeyPair::from_pem("no key"), ErrorCode::invalid_argument));
}

// An encrypted key must not make anybody ask for a passphrase.
TEST(Certificate, AnEncryptedKeyIsAnError) {
  const char* pem =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgOhkCq3w0P8AICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBIHIuUk5w7ByZ3nYl0TTuwEgZCB\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_TRUE(fails_with(KeyPair::from_pem(pem), ErrorCode::invalid_argument));
}

TEST(CertificateCache, ParsesOnce) {
  TestOverlay overlay;
  const Bytes der = overlay.node().certificate->der();
  CertificateCache cache(2);
  const auto first = cache.parse(der);
  ASSERT_TRUE(first);
  EXPECT_EQ(cache.parse(der).value(), *first);
  for (int i = 0; i < 3; ++i)
    static_cast<void>(cache.parse(overlay.node().certificate->der()));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.find(sha256(der)), nullptr);
}

TEST(CertificateCache, TellsApartCertificatesThatEndAlike) {
  TestOverlay overlay;
  const Bytes one = overlay.node().certificate->der();
  Bytes other = overlay.node().certificate->der();
  while (other.back() != one.back())
    other = overlay.node().certificate->der();
  CertificateCache cache(2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cache.parse(one).value()->der(), one);
    EXPECT_EQ(cache.parse(other).value()->der(), other);
  }
  Bytes cut = one;
  cut.erase(cut.begin());
  EXPECT_FALSE(cache.parse(cut));
  EXPECT_FALSE(cache.parse({}));
}

TEST(UserName, MustBeVisibleAsciiAroundOneAt) {
  EXPECT_TRUE(is_user_name("alice@example.org"));
  EXPECT_TRUE(is_user_name("+49(30)1@example.org"));
  using namespace std::string_view_literals;
  for (auto name : {""sv, "alice"sv, "@"sv, "@b"sv, "a@"sv, "a@b@c"sv, "a b@c"sv, "a@b\0c"sv,
                    "\xc3\xa4@b"sv, "a@b\n"sv}) {
    EXPECT_FALSE(is_user_name(name)) << name;
  }
  EXPECT_FALSE(is_user_name(std::string(254, 'a') + "@b"));
}

TEST(UserName, IsHeldToDomains) {
  const std::vector<std::string> domains{"Example.org", ".example.net", "bob@example.com"};
  for (auto name : {"a@example.org", "a@EXAMPLE.ORG", "a@x.example.net", "bob@example.com"}) {
    EXPECT_TRUE(is_permitted_email(domains, name)) << name;
  }
  for (auto name : {"a@x.example.org", "a@example.net", "a@badexample.org", "a@xexample.net",
                    "alice@example.com", "a@.example.net"}) {
    EXPECT_FALSE(is_permitted_email(domains, name)) << name;
  }
  EXPECT_FALSE(is_permitted_email({}, "a@example.org"));
}

}  // namespace
}  // namespace carillon::security
