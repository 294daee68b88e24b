#include "sip/digest_client.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/digest.hpp"

// How challenges of others are answered (RFC 7616; RFC 8760).

namespace carillon::sip {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DigestChallenge, IsTakenApart) {
  const auto challenge = DigestChallenge::parse(
      "digest  Realm=\"a \\\"realm\\\", with a comma\" , nonce = \"n=1\",QOP=\"auth-int, auth\",\t"
      "opaque=\"\", stale=TRUE, algorithm=sha-256, userhash=true");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->realm, "a \"realm\", with a comma");
  EXPECT_EQ(challenge->nonce, "n=1");
  EXPECT_EQ(challenge->opaque, "");
  EXPECT_EQ(challenge->algorithm, DigestAlgorithm::sha256);
  EXPECT_TRUE(challenge->with_qop);
  EXPECT_TRUE(challenge->stale);
}

TEST(DigestChallenge, WhatCannotBeAnsweredIsNone) {
  for (const auto* bad :
       {"", "Digest", "Basic realm=\"r\"", "Digestrealm=\"r\", nonce=\"n\"", "Digest nonce=\"n\"",
        "Digest realm=\"r\"", "Digest realm=\"r\", nonce=\"\"", "Digest realm=\"r\", nonce=\"n",
        "Digest realm=\"r\", nonce=\"", "Digest realm=\"r\", nonce=\"n\", nonce=\"m\"",
        "Digest realm=\"r\", =\"n\", nonce=\"n\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
        "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-3",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"\""}) {
    EXPECT_FALSE(DigestChallenge::parse(bad)) << bad;
  }
}

SipMessage challenged(int status, std::initializer_list<const char*> algorithms) {
  auto response = SipMessage::response(status, "");
  for (const std::string algorithm : algorithms) {
    response.append(status == 407 ? HeaderId::proxy_authenticate : HeaderId::www_authenticate,
                    "Digest realm=\"r\", nonce=\"" + algorithm + "\", algorithm=" + algorithm);
  }
  return response;
}

TEST(DigestChallenge, TheStrongestIsAnswered) {
  const auto best =
      strongest_challenge(challenged(401, {"MD5", "SHA-9", "SHA-512-256", "SHA-256"}));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->algorithm, DigestAlgorithm::sha512_256);
  EXPECT_EQ(best->answer, HeaderId::authorization);
  const auto proxy = strongest_challenge(challenged(407, {"SHA-256", "md5"}));
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(proxy->answer, HeaderId::proxy_authorization);
  EXPECT_FALSE(strongest_challenge(challenged(401, {"SHA-9"})));
  EXPECT_FALSE(strongest_challenge(challenged(401, {})));
}

/// RFC 7616, 3.9.1.
DigestChallenge rfc7616(DigestAlgorithm algorithm) {
  return {.algorithm = algorithm,
          .algorithm_text = std::string{digest_name(algorithm)},
          .realm = "http-auth@example.org",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
          .with_qop = true};
}

std::string answered(const DigestChallenge& challenge) {
  return digest_answer(challenge, {"Mufasa", "Circle of Life"}, "GET", "/dir/index.html",
                       "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
}

TEST(DigestAnswer, IsTheOneOfRfc7616) {
  EXPECT_EQ(answered(rfc7616(DigestAlgorithm::sha256)),
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
            "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
            "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
            "algorithm=SHA-256, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
            "nc=00000001, opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
  EXPECT_THAT(answered(rfc7616(DigestAlgorithm::md5)),
              HasSubstr("response=\"8ca523f5e9506fed4657c9700eebdbec\""));
}

TEST(DigestAnswer, SaysNothingThatWasNotAsked) {
  auto old = rfc7616(DigestAlgorithm::md5);
  old.algorithm_text.clear();
  old.with_qop = false;
  old.opaque.reset();
  const auto text = answered(old);
  for (const auto* name : {"qop", "nc=", "cnonce", "algorithm", "opaque"})
    EXPECT_THAT(text, Not(HasSubstr(name)));
}

TEST(DigestAnswer, TextsAreQuotedAgain) {
  auto odd = rfc7616(DigestAlgorithm::sha256);
  odd.realm = "a \"realm\"";
  odd.nonce = "back\\slash";
  const auto text = answered(odd);
  EXPECT_THAT(text, HasSubstr("realm=\"a \\\"realm\\\"\", nonce=\"back\\\\slash\""));
  const auto read = DigestCredentials::parse(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->realm, odd.realm);
  EXPECT_EQ(read->nonce, odd.nonce);
}

}  // namespace
}  // namespace carillon::sip
