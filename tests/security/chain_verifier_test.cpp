#include "security/chain_verifier.hpp"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "security/certificate_builder.hpp"
#include "test_overlay.hpp"

namespace carillon::security {
namespace {

using namespace std::chrono_literals;

/// A certificate with everything as it should be, until `change` changes something.
struct Recipe {
  Bytes serial{0x41, 0x01};
  WallTime from{test_now - 1h};
  WallTime until{test_now + one_day};
  std::string subject{};
  std::optional<int> ca_path_length{};
  std::optional<unsigned> usage{KU_DIGITAL_SIGNATURE};
  std::vector<std::string> email_domains{};
  std::optional<ReloadUri> uri{};
  std::string user{};
  std::function<void(X509*)> extra{};
};

Issued make(const Recipe& recipe, const Issuer& issuer, KeyType type = KeyType::ecdsa) {
  auto key = KeyPair::generate(type).value();
  CertificateBuilder builder;
  builder.set_serial(recipe.serial);
  builder.set_validity(recipe.from, recipe.until);
  builder.set_key(key.public_key());
  if (!recipe.subject.empty()) builder.set_subject(recipe.subject);
  if (recipe.ca_path_length) builder.add_ca(*recipe.ca_path_length);
  if (recipe.usage) builder.add_key_usage(*recipe.usage);
  if (!recipe.email_domains.empty()) builder.add_email_domains(recipe.email_domains);
  builder.add_subject_key_id();
  builder.add_authority_key_id(*issuer.certificate);
  if (recipe.extra) recipe.extra(builder.native());
  if (recipe.uri) builder.set_names(*recipe.uri, recipe.user);
  return {builder.sign(issuer.certificate.get(), issuer.key).value(), std::move(key)};
}

void add_critical_extension(X509* x509) {
  ASN1_OBJECT* oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, reinterpret_cast<const unsigned char*>("\x05\x00"), 2);
  X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, oid, 1, value);
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(oid);
}

class Chain : public testing::Test {
 protected:
  Recipe leaf_recipe() {
    Recipe recipe;
    recipe.uri = ReloadUri{id, overlay.overlay_name};
    recipe.user = "alice@example.org";
    return recipe;
  }
  Recipe ca_recipe() {
    Recipe recipe;
    recipe.subject = "A registrar";
    recipe.ca_path_length = 0;
    recipe.usage = KU_KEY_CERT_SIGN;
    recipe.email_domains = {"example.org"};
    recipe.uri = ReloadUri{id, overlay.overlay_name};
    return recipe;
  }
  auto verify(const CertificatePtr& leaf, std::vector<CertificatePtr> others = {},
              WallTime now = test_now) {
    return ChainVerifier(overlay.anchors()).verify(leaf, others, now);
  }
  testing::AssertionResult refuses(const Recipe& recipe, const std::string& why) {
    return fails_with(verify(make(recipe, overlay.root).certificate), ErrorCode::bad_certificate,
                      why);
  }

  TestOverlay overlay;
  NodeId id = random_node_id(overlay.random);
};

TEST_F(Chain, OfANodeIsGood) {
  const auto node = overlay.node(id).certificate;
  const auto chain = verify(node);
  ASSERT_TRUE(chain) << chain.error().message();
  EXPECT_EQ((*chain)->certificate, node);
  EXPECT_TRUE((*chain)->intermediates.empty());
  EXPECT_EQ((*chain)->valid_until, node->not_after());
}

TEST_F(Chain, OfAMintedUserIsGood) {
  auto identity = overlay.identity(overlay.node(id));
  const auto user = identity.user("alice@example.org", test_now).value();
  ASSERT_EQ(user->intermediates.size(), 1U);
  const auto chain = verify(user->certificate, user->intermediates);
  ASSERT_TRUE(chain) << chain.error().message();
  EXPECT_EQ((*chain)->intermediates, user->intermediates);
  EXPECT_EQ((*chain)->valid_until, user->certificate->not_after());
}

TEST_F(Chain, OfMixedKeysIsGood) {
  TestOverlay rsa(KeyType::rsa);
  const auto leaf = make(leaf_recipe(), rsa.root, KeyType::ecdsa).certificate;
  EXPECT_TRUE(ChainVerifier(rsa.anchors()).verify(leaf, {}, test_now));
}

TEST_F(Chain, RecipeIsGoodAsItStands) {
  EXPECT_TRUE(verify(make(leaf_recipe(), overlay.root).certificate));
  const auto ca = make(ca_recipe(), overlay.root);
  EXPECT_TRUE(verify(make(leaf_recipe(), ca).certificate, {ca.certificate}));
}

TEST_F(Chain, WithoutItsIntermediateIsRefused) {
  const auto ca = make(ca_recipe(), overlay.root);
  EXPECT_TRUE(fails_with(verify(make(leaf_recipe(), ca).certificate), ErrorCode::bad_certificate,
                         "unable to get"));
}

TEST_F(Chain, OfAForeignRootIsRefused) {
  TestOverlay foreign;
  const auto leaf = foreign.node(id).certificate;
  EXPECT_TRUE(fails_with(verify(leaf), ErrorCode::bad_certificate));
  // Sending the foreign root along does not make it trusted.
  EXPECT_TRUE(fails_with(verify(leaf, {foreign.root.certificate}), ErrorCode::bad_certificate));
}

TEST_F(Chain, OfAnotherOverlayIsRefused) {
  auto recipe = leaf_recipe();
  recipe.uri->overlay_name = "other.example.org";
  EXPECT_TRUE(refuses(recipe, "made for the overlay \"other.example.org\""));
}

TEST_F(Chain, WithoutNodeIdOrUserIsRefused) {
  auto recipe = leaf_recipe();
  recipe.user.clear();
  EXPECT_TRUE(refuses(recipe, "no rfc822Name"));
  recipe.uri.reset();
  recipe.subject = "Nobody";
  EXPECT_TRUE(refuses(recipe, "no Node-ID"));
}

TEST_F(Chain, OutsideItsValidityIsRefused) {
  auto recipe = leaf_recipe();
  recipe.until = test_now - 1s;
  EXPECT_TRUE(refuses(recipe, "expired"));
  recipe = leaf_recipe();
  recipe.from = test_now + 1s;
  EXPECT_TRUE(refuses(recipe, "not yet valid"));
}

TEST_F(Chain, OfAnExpiredIssuerIsRefused) {
  auto recipe = ca_recipe();
  recipe.until = test_now - 1s;
  const auto ca = make(recipe, overlay.root);
  EXPECT_TRUE(fails_with(verify(make(leaf_recipe(), ca).certificate, {ca.certificate}),
                         ErrorCode::bad_certificate, "expired"));
}

TEST_F(Chain, LeafThatIsACaIsRefused) {
  auto recipe = leaf_recipe();
  recipe.ca_path_length = -1;
  EXPECT_TRUE(refuses(recipe, "CA"));
}

TEST_F(Chain, LeafThatMayNotSignIsRefused) {
  auto recipe = leaf_recipe();
  recipe.usage = KU_KEY_ENCIPHERMENT;
  EXPECT_TRUE(refuses(recipe, "keyUsage"));
  recipe.usage.reset();
  EXPECT_TRUE(verify(make(recipe, overlay.root).certificate));
}

TEST_F(Chain, UnknownCriticalExtensionIsRefused) {
  auto recipe = leaf_recipe();
  recipe.extra = add_critical_extension;
  EXPECT_TRUE(refuses(recipe, "critical"));
}

TEST_F(Chain, OfARevokedNodeIsRefused) {
  auto anchors = overlay.anchors();
  anchors.bad_nodes.insert(id);
  EXPECT_TRUE(fails_with(ChainVerifier(anchors).verify(overlay.node(id).certificate, {}, test_now),
                         ErrorCode::bad_certificate, "bad-node"));
}

TEST_F(Chain, LeafByALeafIsRefused) {
  const auto node = overlay.node(id);
  EXPECT_TRUE(fails_with(verify(make(leaf_recipe(), node).certificate, {node.certificate}),
                         ErrorCode::bad_certificate));
}

TEST_F(Chain, IssuerThatMayNotIssueIsRefused) {
  auto recipe = ca_recipe();
  recipe.usage = KU_DIGITAL_SIGNATURE;
  const auto ca = make(recipe, overlay.root);
  EXPECT_TRUE(fails_with(verify(make(leaf_recipe(), ca).certificate, {ca.certificate}),
                         ErrorCode::bad_certificate));
}

// DESIGN.md, 'Identity': a registrar speaks for its own node only.
TEST_F(Chain, OfARegistrarForAnotherNodeIsRefused) {
  const auto ca = make(ca_recipe(), overlay.root);
  auto recipe = leaf_recipe();
  recipe.uri->node_id = random_node_id(overlay.random);
  EXPECT_TRUE(fails_with(verify(make(recipe, ca).certificate, {ca.certificate}),
                         ErrorCode::bad_certificate, "another Node-ID"));
}

TEST_F(Chain, OfARegistrarForAnotherDomainIsRefused) {
  const auto ca = make(ca_recipe(), overlay.root);
  for (const char* user : {"alice@example.com", "alice@sub.example.org", "alice@xexample.org"}) {
    auto recipe = leaf_recipe();
    recipe.user = user;
    EXPECT_TRUE(fails_with(verify(make(recipe, ca).certificate, {ca.certificate}),
                           ErrorCode::bad_certificate, "permitted subtree violation"))
        << user;
  }
}

TEST_F(Chain, OfARegistrarWithoutDomainsIsRefused) {
  auto recipe = ca_recipe();
  recipe.email_domains.clear();
  const auto ca = make(recipe, overlay.root);
  EXPECT_TRUE(fails_with(verify(make(leaf_recipe(), ca).certificate, {ca.certificate}),
                         ErrorCode::bad_certificate, "e-mail domains"));
}

TEST_F(Chain, BelowPathLengthZeroIsRefused) {
  const auto ca = make(ca_recipe(), overlay.root);
  auto recipe = ca_recipe();
  recipe.subject = "A second registrar";
  const auto second = make(recipe, ca);
  EXPECT_TRUE(fails_with(
      verify(make(leaf_recipe(), second).certificate, {second.certificate, ca.certificate}),
      ErrorCode::bad_certificate, "path length"));
}

TEST_F(Chain, MayHaveFourCertificatesAndNoMore) {
  auto recipe = ca_recipe();
  recipe.uri.reset();
  recipe.email_domains.clear();
  recipe.ca_path_length = -1;
  Issued issuer = overlay.root;
  std::vector<CertificatePtr> intermediates;
  std::vector<bool> good;
  for (int length = 1; length <= 4; ++length) {
    recipe.subject = "Intermediate " + std::to_string(length);
    issuer = make(recipe, issuer);
    intermediates.push_back(issuer.certificate);
    good.push_back(verify(make(leaf_recipe(), issuer).certificate, intermediates).has_value());
  }
  EXPECT_EQ(good, (std::vector<bool>{true, true, false, false}));
}

TEST_F(Chain, IsRememberedUntilItExpires) {
  ChainVerifier verifier(overlay.anchors());
  const auto ca = make(ca_recipe(), overlay.root);
  const auto leaf = make(leaf_recipe(), ca).certificate;
  const auto first = verifier.verify(leaf, std::vector{ca.certificate}, test_now);
  ASSERT_TRUE(first);
  // Now the intermediate need not be sent any more.
  EXPECT_EQ(verifier.verify(leaf, {}, test_now + 23h).value(), *first);
  EXPECT_FALSE(verifier.verify(leaf, std::vector{ca.certificate}, test_now + 25h));
  // Other anchors: nothing that was believed before is believed still.
  verifier.set_anchors(TestOverlay().anchors());
  EXPECT_FALSE(verifier.verify(leaf, std::vector{ca.certificate}, test_now));
}

TEST_F(Chain, TamperedAnywhereIsNotAccepted) {
  const Bytes der = overlay.node(id).certificate->der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 0x01;
    const auto certificate = Certificate::parse(changed);
    EXPECT_FALSE(certificate && verify(*certificate)) << "at octet " << i;
  }
}

// Enrollment hands out a single certificate, so an intermediate may be a root-cert (NOTES, 11.3).
TEST_F(Chain, MayEndAtAnIntermediateThatIsARootCert) {
  auto recipe = ca_recipe();
  recipe.uri.reset();
  recipe.email_domains.clear();
  const auto ca = make(recipe, overlay.root);
  const auto leaf = make(leaf_recipe(), ca).certificate;
  EXPECT_TRUE(
      ChainVerifier({overlay.overlay_name, {ca.certificate}, {}, {}}).verify(leaf, {}, test_now));
  EXPECT_TRUE(
      ChainVerifier({overlay.overlay_name, {overlay.root.certificate, ca.certificate}, {}, {}})
          .verify(leaf, {}, test_now));
}

/// The second and further users of a registrar take a shorter way; it must not be a wider one.
class Sibling : public Chain {
 protected:
  void SetUp() override {
    const auto first = make(leaf_recipe(), ca).certificate;
    ASSERT_TRUE(verifier.verify(first, std::vector{ca.certificate}, test_now));
  }
  // Over one key, as a registrar does it: then all have one frame.
  CertificatePtr issue(const Recipe& recipe, const Issuer& issuer) {
    CertificateBuilder builder;
    builder.set_serial(recipe.serial);
    builder.set_validity(recipe.from, recipe.until);
    builder.set_key(key.public_key());
    if (recipe.ca_path_length) builder.add_ca(*recipe.ca_path_length);
    builder.add_key_usage(*recipe.usage);
    builder.add_authority_key_id(*ca.certificate);
    if (recipe.extra) recipe.extra(builder.native());
    builder.set_names(*recipe.uri, recipe.user);
    return builder.sign(issuer.certificate.get(), issuer.key).value();
  }
  auto check(const CertificatePtr& leaf, WallTime now = test_now) {
    return verifier.verify(leaf, std::vector{ca.certificate}, now);
  }

  Issued ca = make(ca_recipe(), overlay.root);
  KeyPair key = KeyPair::generate(KeyType::ecdsa).value();
  ChainVerifier verifier{overlay.anchors()};
};

TEST_F(Sibling, IsGoodWithoutTheIntermediate) {
  auto recipe = leaf_recipe();
  const auto first = issue(recipe, ca);
  ASSERT_TRUE(check(first));
  recipe.serial = {0x42};
  recipe.user = "bob@example.org";
  recipe.until += one_day;
  const auto second = issue(recipe, ca);
  EXPECT_EQ(second->frame_digest(), first->frame_digest());
  const auto chain = verifier.verify(second, {}, test_now);  // Nothing to build a path from.
  ASSERT_TRUE(chain) << chain.error().message();
  EXPECT_EQ((*chain)->intermediates, std::vector{ca.certificate});
  EXPECT_EQ((*chain)->valid_until, ca.certificate->not_after());
}

TEST_F(Sibling, IsHeldToWhatEveryoneIsHeldTo) {
  ASSERT_TRUE(check(issue(leaf_recipe(), ca)));
  auto recipe = leaf_recipe();
  recipe.user = "alice@example.com";
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "permitted"));
  recipe = leaf_recipe();
  recipe.uri->node_id = random_node_id(overlay.random);
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "another Node-ID"));
  recipe = leaf_recipe();
  recipe.until = test_now - 1s;
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "expired"));
  recipe = leaf_recipe();
  recipe.from = test_now + 1s;
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "not yet valid"));
  recipe = leaf_recipe();
  recipe.extra = add_critical_extension;
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "critical"));
  recipe = leaf_recipe();
  recipe.ca_path_length = -1;
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "CA"));
  recipe = leaf_recipe();
  recipe.uri->overlay_name = "other.example.org";
  EXPECT_TRUE(fails_with(check(issue(recipe, ca)), ErrorCode::bad_certificate, "overlay"));
}

TEST_F(Sibling, MustBeSignedByTheIssuer) {
  const auto first = issue(leaf_recipe(), ca);
  ASSERT_TRUE(check(first));
  auto forger = ca;
  forger.key = key;
  auto recipe = leaf_recipe();
  recipe.serial = {0x43};
  const auto forged = issue(recipe, forger);
  EXPECT_EQ(forged->frame_digest(), first->frame_digest());
  EXPECT_TRUE(fails_with(check(forged), ErrorCode::bad_certificate, "signature"));
  const Bytes der = issue(recipe, ca)->der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes changed = der;
    changed[i] ^= 0x01;
    const auto certificate = Certificate::parse(changed);
    EXPECT_FALSE(certificate && check(*certificate)) << "at octet " << i;
  }
}

TEST_F(Sibling, EndsWithTheIssuer) {
  auto recipe = ca_recipe();
  recipe.until = test_now + 1h;
  ca = make(recipe, overlay.root);
  ASSERT_TRUE(check(issue(leaf_recipe(), ca)));
  recipe = leaf_recipe();
  recipe.serial = {0x44};
  EXPECT_TRUE(
      fails_with(check(issue(recipe, ca), test_now + 2h), ErrorCode::bad_certificate, "expired"));
}

// 11.3.1: the Node-ID of a self-signed certificate is the digest of its key.
class SelfSigned : public testing::TestWithParam<SelfSignedDigest> {};
INSTANTIATE_TEST_SUITE_P(Digests, SelfSigned,
                         testing::Values(SelfSignedDigest::sha1, SelfSignedDigest::sha256));

CertificatePtr self_signed(const KeyPair& key, const NodeId& id) {
  CertificateBuilder builder;
  builder.set_serial(Bytes{1});
  builder.set_validity(test_now - 1h, test_now + one_day);
  builder.set_key(key.public_key());
  builder.set_names({id, "overlay.example.org"}, "alice@example.org");
  return builder.sign(nullptr, key).value();
}

TEST_P(SelfSigned, IsGoodIfPermittedAndTheNodeIdIsTheKeys) {
  const auto key = KeyPair::generate(KeyType::ecdsa).value();
  const Bytes spki = key.public_key().to_der();
  const bool is_sha1 = GetParam() == SelfSignedDigest::sha1;
  const Bytes digest = is_sha1 ? to_bytes(sha1(spki)) : to_bytes(sha256(spki));
  const NodeId id = NodeId::from_bytes(ByteView(digest).first(16)).value();
  TrustAnchors anchors{"overlay.example.org", {}, {}, GetParam()};
  const auto certificate = self_signed(key, id);
  const auto chain = ChainVerifier(anchors).verify(certificate, {}, test_now);
  EXPECT_TRUE(chain) << chain.error().message();
  EXPECT_FALSE(ChainVerifier(anchors).verify(certificate, {}, test_now + 2 * one_day));

  NodeId::Octets other = id.octets();
  other[15] ^= 1;
  EXPECT_TRUE(
      fails_with(ChainVerifier(anchors).verify(self_signed(key, NodeId{other}), {}, test_now),
                 ErrorCode::bad_certificate, "digest"));

  // Its own signature holds the rest of it together.
  Bytes renamed = certificate->der();
  const auto alice = std::ranges::search(renamed, as_bytes("alice")).begin();
  *alice = 'b';
  EXPECT_TRUE(
      fails_with(ChainVerifier(anchors).verify(Certificate::parse(renamed).value(), {}, test_now),
                 ErrorCode::bad_certificate, "signature"));

  anchors.self_signed.reset();
  EXPECT_FALSE(ChainVerifier(anchors).verify(certificate, {}, test_now));
}

}  // namespace
}  // namespace carillon::security
