#include "sip/digest.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "base/random.hpp"
#include "sip/nonces.hpp"

namespace carillon::sip {
namespace {

std::string text(ByteView octets) {
  return to_hex(octets);
}

/// RFC 7616, 3.9.1.
DigestCredentials rfc7616(const char* algorithm) {
  DigestCredentials out;
  out.username = "Mufasa";
  out.realm = "http-auth@example.org";
  out.uri = "/dir/index.html";
  out.algorithm = algorithm;
  out.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  out.nonce_count = "00000001";
  out.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  out.qop = "auth";
  return out;
}

const std::string rfc7616_secret = "Mufasa:http-auth@example.org:Circle of Life";

TEST(Digest, Rfc7616Md5) {
  EXPECT_EQ(digest_response(DigestAlgorithm::md5, text(md5(as_bytes(rfc7616_secret))),
                            rfc7616("MD5"), "GET"),
            "8ca523f5e9506fed4657c9700eebdbec");
}

TEST(Digest, Rfc7616Sha256) {
  EXPECT_EQ(digest_response(DigestAlgorithm::sha256, text(sha256(as_bytes(rfc7616_secret))),
                            rfc7616("SHA-256"), "GET"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, Rfc2617) {
  DigestCredentials credentials;
  credentials.uri = "/dir/index.html";
  credentials.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  credentials.nonce_count = "00000001";
  credentials.cnonce = "0a4f113b";
  credentials.qop = "auth";
  const auto ha1 = text(md5(as_bytes("Mufasa:testrealm@host.com:Circle Of Life")));
  EXPECT_EQ(digest_response(DigestAlgorithm::md5, ha1, credentials, "GET"),
            "6629fae49393a05397450978507c4ef1");
  // RFC 2069 as corrected by its errata, without qop.
  credentials.qop.clear();
  EXPECT_EQ(digest_response(DigestAlgorithm::md5,
                            text(md5(as_bytes("Mufasa:testrealm@host.com:CircleOfLife"))),
                            credentials, "GET"),
            "1949323746fe6a43ef61f9606e7febea");
}

TEST(Digest, ReadsTheHeaderOfRfc7616) {
  const auto credentials = DigestCredentials::parse(
      "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
      "algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
      "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
      "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
  ASSERT_TRUE(credentials) << credentials.error().message();
  EXPECT_EQ(credentials->username, "Mufasa");
  EXPECT_EQ(credentials->algorithm, "SHA-256");
  EXPECT_EQ(credentials->qop, "auth");
  EXPECT_EQ(credentials->count(), 1U);
}

TEST(Digest, RefusesOtherHeaders) {
  for (const auto* header :
       {"", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Digest", "Digest username=\"a\"",
        "Digest =\"\",,,=,nonce", "NoOneKnowsThisScheme opaque-data=here",
        "Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\""}) {
    EXPECT_FALSE(DigestCredentials::parse(header)) << header;
  }
}

TEST(Digest, FitsWithAndWithoutTheDomainInTheUsername) {
  const auto known = make_credential("alice@example.org", "secret");
  EXPECT_EQ(known.ha1_md5, md5(as_bytes("alice:example.org:secret")));
  EXPECT_EQ(known.ha1_sha256_with_domain, sha256(as_bytes("alice@example.org:example.org:secret")));
  for (const auto* username : {"alice", "alice@example.org"}) {
    for (const auto algorithm : {DigestAlgorithm::md5, DigestAlgorithm::sha256}) {
      DigestCredentials credentials;
      credentials.username = username;
      credentials.nonce = "n";
      credentials.uri = "sip:example.org";
      credentials.algorithm = algorithm == DigestAlgorithm::md5 ? "MD5" : "SHA-256";
      const auto secret = std::string{username} + ":example.org:secret";
      const auto ha1 = algorithm == DigestAlgorithm::md5 ? text(md5(as_bytes(secret)))
                                                         : text(sha256(as_bytes(secret)));
      credentials.response = digest_response(algorithm, ha1, credentials, "REGISTER");
      EXPECT_TRUE(digest_fits(credentials, known, "REGISTER"));
      EXPECT_FALSE(digest_fits(credentials, known, "INVITE"));
      credentials.qop = "auth-int";
      EXPECT_FALSE(digest_fits(credentials, known, "REGISTER"));
      credentials.qop.clear();
      credentials.algorithm = "MD5-sess";
      EXPECT_FALSE(digest_fits(credentials, known, "REGISTER"));
    }
  }
}

class NoncesTest : public testing::Test {
 protected:
  SeededRandom random_{7};
  Nonces nonces_{random_, seconds{300}, 3};
  MonotonicTime now_{seconds{5000}};
};

TEST_F(NoncesTest, KnowsItsOwnAsLongAsTheyLive) {
  const auto nonce = nonces_.make(now_);
  EXPECT_TRUE(nonces_.check(nonce, now_));
  EXPECT_TRUE(nonces_.check(nonce, now_ + seconds{300}));
  EXPECT_FALSE(nonces_.check(nonce, now_ + seconds{301}));
  EXPECT_NE(nonce, nonces_.make(now_));
}

TEST_F(NoncesTest, KnowsNoOthers) {
  SeededRandom other_random{8};
  Nonces other{other_random, seconds{300}, 3};
  EXPECT_FALSE(nonces_.check(other.make(now_), now_));
  const auto nonce = nonces_.make(now_);
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto changed = nonce;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(nonces_.check(changed, now_)) << i;
  }
  EXPECT_FALSE(nonces_.check("", now_));
  EXPECT_FALSE(nonces_.check(nonce + "A", now_));
}

TEST_F(NoncesTest, TakesEachCountOnce) {
  const auto serial = *nonces_.check(nonces_.make(now_), now_);
  EXPECT_TRUE(nonces_.use(serial, 1));
  EXPECT_FALSE(nonces_.use(serial, 1));
  EXPECT_TRUE(nonces_.use(serial, 3));
  EXPECT_TRUE(nonces_.use(serial, 2));
  EXPECT_FALSE(nonces_.use(serial, 2));
  EXPECT_FALSE(nonces_.use(serial, 3));
  EXPECT_TRUE(nonces_.use(serial, 200));
  EXPECT_FALSE(nonces_.use(serial, 100));  // too far behind to be known
  EXPECT_TRUE(nonces_.use(serial, 199));
}

TEST_F(NoncesTest, IsUsedUpByARequestWithoutCount) {
  const auto serial = *nonces_.check(nonces_.make(now_), now_);
  EXPECT_TRUE(nonces_.use(serial, std::nullopt));
  EXPECT_FALSE(nonces_.use(serial, std::nullopt));
  EXPECT_FALSE(nonces_.use(serial, 1));
}

TEST_F(NoncesTest, RefusesWhatItHadToForget) {
  const auto first = nonces_.make(now_);
  EXPECT_TRUE(nonces_.use(*nonces_.check(first, now_), 1));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(nonces_.use(*nonces_.check(nonces_.make(now_), now_), 1));
  EXPECT_EQ(nonces_.size(), 3U);
  EXPECT_FALSE(nonces_.check(first, now_));
}

}  // namespace
}  // namespace carillon::sip
