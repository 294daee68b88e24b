#include "security/identity.hpp"

#include <set>

#include <gtest/gtest.h>

#include "test_overlay.hpp"

namespace carillon::security {
namespace {

using namespace std::chrono_literals;

class IdentityTest : public testing::Test {
 protected:
  TestOverlay overlay;
  NodeId id = random_node_id(overlay.random);
  Issued node = overlay.node(id);
  Identity identity = overlay.identity(node);
};

TEST_F(IdentityTest, KnowsItsNode) {
  EXPECT_EQ(identity.node_id(), id);
  EXPECT_EQ(identity.overlay_name(), overlay.overlay_name);
  EXPECT_TRUE(identity.is_registrar());
}

TEST_F(IdentityTest, MintsOnceAUser) {
  const auto alice = identity.user("alice@example.org", test_now).value();
  EXPECT_EQ(alice->certificate->user_name(), "alice@example.org");
  EXPECT_EQ(alice->certificate->node_ids(), std::vector{id});
  EXPECT_EQ(alice->certificate->public_key().to_der(), node.key.public_key().to_der());
  EXPECT_EQ(identity.user("alice@example.org", test_now + 1h).value(), alice);
  EXPECT_NE(identity.user("bob@example.org", test_now).value(), alice);
}

TEST_F(IdentityTest, IsItselfForItsOwnName) {
  const auto own = identity.user(node.certificate->user_name(), test_now).value();
  EXPECT_EQ(own->certificate->der(), node.certificate->der());
}

TEST_F(IdentityTest, RenewsInTime) {
  const auto first = identity.user("alice@example.org", test_now).value();
  const auto when = test_now + CertificateMint::lifetime / 3 * 2;
  EXPECT_EQ(identity.user("alice@example.org", when - 1s).value(), first);
  const auto second = identity.user("alice@example.org", when).value();
  EXPECT_NE(second, first);
  EXPECT_GT(second->certificate->not_after(), first->certificate->not_after());
}

TEST_F(IdentityTest, NeverOutlivesTheIssuer) {
  const auto late = test_now + node_lifetime - 1h;
  const auto alice = identity.user("alice@example.org", late).value();
  EXPECT_EQ(alice->certificate->not_after(), test_now + node_lifetime);
  EXPECT_TRUE(fails_with(identity.user("bob@example.org", test_now + node_lifetime + 1s),
                         ErrorCode::bad_certificate, "expired"));
}

TEST_F(IdentityTest, GivesEachCertificateItsOwnSerial) {
  std::set<Sha256Digest> serials;
  for (int i = 0; i < 100; ++i) {
    const auto user = "user" + std::to_string(i) + "@example.org";
    const auto certificate = identity.user(user, test_now).value()->certificate;
    // The serial number is the second field of TBSCertificate; compare the head of the DER form.
    serials.insert(sha256(ByteView(certificate->der()).subspan(8, 24)));
  }
  EXPECT_EQ(serials.size(), 100U);
}

TEST_F(IdentityTest, RefusesOtherDomainsAndBadNames) {
  EXPECT_TRUE(fails_with(identity.user("alice@example.com", test_now), ErrorCode::forbidden));
  EXPECT_TRUE(fails_with(identity.user("alice", test_now), ErrorCode::invalid_argument));
  EXPECT_TRUE(fails_with(identity.user("a b@example.org", test_now), ErrorCode::invalid_argument));
}

TEST_F(IdentityTest, WithoutARegistrarCaSpeaksForNoUser) {
  auto plain =
      Identity::from_pem({node.certificate->to_pem(), node.key.to_pem(), "", ""}, overlay.random)
          .value();
  EXPECT_FALSE(plain.is_registrar());
  EXPECT_TRUE(fails_with(plain.user("alice@example.org", test_now), ErrorCode::forbidden));
}

TEST_F(IdentityTest, PartsMustFitTogether) {
  const Issued other = overlay.node();
  const Issued ca = overlay.registrar(id);
  const Issued other_ca = overlay.registrar(other.certificate->node_ids().front());
  const auto refused = [&](const Identity::Pem& pem, const std::string& why) {
    return fails_with(Identity::from_pem(pem, overlay.random), ErrorCode::bad_certificate, why);
  };
  EXPECT_TRUE(refused({node.certificate->to_pem(), other.key.to_pem(), "", ""}, "key"));
  EXPECT_TRUE(refused({overlay.root.certificate->to_pem(), overlay.root.key.to_pem(), "", ""},
                      "no reload URI"));
  EXPECT_TRUE(refused({node.certificate->to_pem(), node.key.to_pem(),
                       other_ca.certificate->to_pem(), other_ca.key.to_pem()},
                      "another node's"));
  EXPECT_TRUE(refused({node.certificate->to_pem(), node.key.to_pem(), ca.certificate->to_pem(),
                       other_ca.key.to_pem()},
                      "key"));
  // A node's own certificate is no CA.
  EXPECT_TRUE(refused({node.certificate->to_pem(), node.key.to_pem(), node.certificate->to_pem(),
                       node.key.to_pem()},
                      "must be a CA"));
  EXPECT_TRUE(
      fails_with(Identity::from_pem({node.certificate->to_pem(), "", "", ""}, overlay.random),
                 ErrorCode::invalid_argument));
}

TEST(Creation, RefusesWhatCannotWork) {
  TestOverlay overlay;
  const NodeId id = random_node_id(overlay.random);
  EXPECT_TRUE(fails_with(
      create_registrar(overlay.root, {overlay.overlay_name, id, {}, {}}, test_now, overlay.random),
      ErrorCode::invalid_argument, "email_domains"));
  EXPECT_TRUE(fails_with(create_node(overlay.root, {overlay.overlay_name, "no name", id, {}},
                                     test_now, overlay.random),
                         ErrorCode::invalid_argument, "user_name"));
  EXPECT_TRUE(fails_with(
      create_node(overlay.node(), {overlay.overlay_name, "a@b", id, {}}, test_now, overlay.random),
      ErrorCode::invalid_argument, "CA"));
  EXPECT_TRUE(fails_with(create_node(overlay.root, {overlay.overlay_name, "a@b", id, {}},
                                     test_now + 2 * root_lifetime, overlay.random),
                         ErrorCode::bad_certificate, "expired"));
}

}  // namespace
}  // namespace carillon::security
