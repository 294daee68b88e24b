#include "app/enrollment/renewal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/certificate_request.hpp"
#include "security/identity.hpp"
#include "security/openssl_signer.hpp"
#include "security/test_overlay.hpp"

namespace carillon::app {
namespace {

using security::KeyPair;
using security::KeyType;
using security::test_now;
using testing::HasSubstr;

constexpr std::chrono::days later{700};

class Renewal : public testing::Test {
 protected:
  static MultipartForm with(const MultipartForm& form, const std::string& name,
                            const std::string& content) {
    MultipartForm changed;
    for (const auto* field : {"certificate", "registrar-csr", "proof"}) {
      auto copy = *form.field(field);
      if (name == field) copy.content = content;
      changed.add(std::move(copy));
    }
    return changed;
  }
  MultipartForm form() {
    return renewal_form({*node.certificate, node.key, registrar.key}).value();
  }
  std::expected<Renewed, Refusal> ask(const MultipartForm& form, WallTime now = test_now + later) {
    const auto anchors = overlay.anchors();
    auto trusted = anchors;
    trusted.bad_nodes = bad;
    return renew(form,
                 {overlay.root, trusted, {"example.org"}, security::node_lifetime, overlay.random},
                 now);
  }
  static std::string reason(const std::expected<Renewed, Refusal>& answer) {
    return answer ? "renewed" : answer.error().token + ": " + answer.error().reason;
  }

  security::TestOverlay overlay;
  NodeId id = security::random_node_id(overlay.random);
  security::Issued node = overlay.node(id);
  security::Issued registrar = overlay.registrar(id);
  std::set<NodeId> bad;
};

TEST_F(Renewal, GivesNewCertificatesOverTheSameKeysForTheSameNode) {
  const auto renewed = ask(form());
  ASSERT_TRUE(renewed) << reason(renewed);
  EXPECT_EQ(renewed->node->node_ids(), std::vector{id});
  EXPECT_EQ(renewed->node->user_name(), node.certificate->user_name());
  EXPECT_EQ(renewed->node->public_key().to_der(), node.key.public_key().to_der());
  EXPECT_EQ(renewed->ca->public_key().to_der(), registrar.key.public_key().to_der());
  EXPECT_EQ(renewed->ca->email_domains(), registrar.certificate->email_domains());
  EXPECT_GT(renewed->node->not_after(), node.certificate->not_after());
  security::ChainVerifier verifier(overlay.anchors());
  EXPECT_TRUE(verifier.verify(renewed->node, {}, test_now + later + std::chrono::days{100}));
}

TEST_F(Renewal, AnIdentityTakesThemOver) {
  const auto renewed = ask(form());
  ASSERT_TRUE(renewed) << reason(renewed);
  const auto pem = [&](const auto& certificate, const auto& ca) {
    return security::Identity::Pem{certificate->to_pem(), node.key.to_pem(), ca->to_pem(),
                                   registrar.key.to_pem()};
  };
  auto identity =
      security::Identity::from_pem(pem(node.certificate, registrar.certificate), overlay.random)
          .value();
  const auto& own = identity.node();
  const auto before = identity.user("alice@example.org", test_now).value();
  ASSERT_TRUE(identity.renew(
      security::Identity::from_pem(pem(renewed->node, renewed->ca), overlay.random).value()));
  EXPECT_EQ(own.certificate->digest(), renewed->node->digest())
      << "who refers to it sees the new one";
  const auto after = identity.user("alice@example.org", test_now + later).value();
  EXPECT_NE(after->certificate->digest(), before->certificate->digest());
  EXPECT_EQ(after->intermediates.front()->digest(), renewed->ca->digest());
  const auto other_id = security::random_node_id(overlay.random);
  const auto other = overlay.node(other_id);
  EXPECT_FALSE(identity.renew(security::Identity(
      {other.certificate, {}, other_id, std::make_shared<security::OpensslSigner>(other.key)})));
}

TEST_F(Renewal, OnlyForWhoHasTheKey) {
  const auto other = KeyPair::generate(KeyType::ecdsa).value();
  const auto stolen = renewal_form({*node.certificate, other, registrar.key}).value();
  EXPECT_THAT(reason(ask(stolen)), HasSubstr("the proof is not"));
  // Somebody else's form, with a CA key of one's own.
  const auto csr = security::CertificateRequest::create(other).value();
  EXPECT_THAT(reason(ask(with(form(), "registrar-csr", {csr.begin(), csr.end()}))),
              HasSubstr("the proof is not"));
  EXPECT_THAT(reason(ask(with(form(), "proof", "no base64"))), HasSubstr("the proof is not"));
  EXPECT_THAT(reason(ask(with(form(), "certificate", "no PEM"))),
              HasSubstr("failed_authentication"));
}

TEST_F(Renewal, NotForTheCertificateOfAnotherOverlay) {
  security::TestOverlay elsewhere;
  const auto stranger = elsewhere.node(id);
  const auto form = renewal_form({*stranger.certificate, stranger.key, registrar.key}).value();
  EXPECT_THAT(reason(ask(form)), HasSubstr("failed_authentication"));
}

TEST_F(Renewal, NotWhenItHasEnded) {
  EXPECT_THAT(reason(ask(form(), test_now + std::chrono::days{731})),
              HasSubstr("failed_authentication"));
}

TEST_F(Renewal, NotForABadNode) {
  bad.insert(id);
  EXPECT_THAT(reason(ask(form())), HasSubstr("failed_authentication"));
}

TEST_F(Renewal, EachFieldIsNeeded) {
  for (const std::string missing : {"certificate", "registrar-csr", "proof"}) {
    MultipartForm part;
    for (const auto* name : {"certificate", "registrar-csr", "proof"}) {
      if (name != missing) part.add(*form().field(name));
    }
    EXPECT_THAT(reason(ask(part)), HasSubstr("\"" + missing + "\" is missing"));
  }
}

TEST_F(Renewal, IsDueWhenAQuarterIsLeft) {
  EXPECT_EQ(renewal_due(*node.certificate), test_now + security::node_lifetime / 4 * 3);
}

}  // namespace
}  // namespace carillon::app
