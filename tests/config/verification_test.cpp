#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "security/signing.hpp"
#include "test_document.hpp"

namespace carillon::config {
namespace {

TEST(WriteDocument, SurvivesItsOwnReader) {
  TestDocument made;
  auto& c = made.configuration;
  c.sequence = ConfigSequence{65534};
  c.expiration = test_now + std::chrono::hours{1};
  c.enrollment_servers = {"https://example.org/?a&b"};
  c.self_signed_permitted = security::SelfSignedDigest::sha256;
  c.clients_permitted = false;
  c.chord = {std::chrono::seconds{30}, std::chrono::seconds{60}, false};
  c.shared_secret = "<&>\"";
  c.bad_nodes = {security::random_node_id(made.overlay.random)};
  c.mandatory_extensions = {"urn:ietf:params:xml:ns:p2p:config-base:sip"};
  c.overlay_link_protocols = {"TLS", "DTLS-UDP-SR"};
  c.kinds.front().domain_restrictions = restricted_to({"example.org"});
  c.kinds.push_back(*registered_kind(KindId::turn_service));
  c.kinds.back().max_count = 1;
  c.kinds.back().max_node_multiple = 20;
  const auto document = made.document();
  const auto& read = document.configuration();
  EXPECT_EQ(read.instance_name, c.instance_name);
  EXPECT_EQ(read.sequence, c.sequence);
  EXPECT_EQ(read.expiration, c.expiration);
  ASSERT_EQ(read.root_certs.size(), 1U);
  EXPECT_EQ(read.root_certs[0]->der(), c.root_certs[0]->der());
  EXPECT_EQ(read.enrollment_servers, c.enrollment_servers);
  EXPECT_EQ(read.self_signed_permitted, c.self_signed_permitted);
  EXPECT_EQ(read.bootstrap_nodes, c.bootstrap_nodes);
  EXPECT_EQ(read.turn_density, c.turn_density);
  EXPECT_EQ(read.clients_permitted, c.clients_permitted);
  EXPECT_EQ(read.no_ice, c.no_ice);
  EXPECT_EQ(read.chord, c.chord);
  EXPECT_EQ(read.shared_secret, c.shared_secret);
  EXPECT_EQ(read.max_message_size, c.max_message_size);
  EXPECT_EQ(read.initial_ttl, c.initial_ttl);
  EXPECT_EQ(read.overlay_reliability_timer, c.overlay_reliability_timer);
  EXPECT_EQ(read.overlay_link_protocols, c.overlay_link_protocols);
  EXPECT_EQ(read.configuration_signers, c.configuration_signers);
  EXPECT_EQ(read.kind_signers, c.kind_signers);
  EXPECT_EQ(read.bad_nodes, c.bad_nodes);
  EXPECT_EQ(read.mandatory_extensions, c.mandatory_extensions);
  EXPECT_EQ(read.kinds, c.kinds);
}

TEST(WriteDocument, RefusesWhatItsReaderRefuses) {
  TestDocument made;
  made.configuration.initial_ttl = 0;
  EXPECT_TRUE(fails_with(write_document(made.configuration, made.signer, made.kind_signer),
                         ErrorCode::malformed, "initial-ttl"));
  made.configuration = made.initial();
  made.configuration.kind_signers.clear();
  EXPECT_TRUE(fails_with(write_document(made.configuration, made.signer, made.kind_signer),
                         ErrorCode::invalid_argument));
}

TEST(VerifySelf, AcceptsWhatWasSigned) {
  TestDocument made;
  const auto document = made.document();
  EXPECT_EQ(document.signatures().size(), 1U);
  EXPECT_EQ(document.kind_blocks().size(), 6U);
  const auto good = verify_self(document, test_now, made.verifier);
  EXPECT_TRUE(good) << good.error().message();
  EXPECT_TRUE(check_supported(document.configuration()));
}

TEST(VerifySelf, RefusesWhatWeCannotDo) {
  TestDocument made;
  made.configuration.no_ice = false;
  EXPECT_TRUE(fails_with(verify_self(made.document(), test_now, made.verifier),
                         ErrorCode::incompatible_with_overlay, "ICE"));
  made.configuration.no_ice = true;
  made.configuration.shared_secret = "x";
  EXPECT_TRUE(fails_with(verify_self(made.document(), test_now, made.verifier),
                         ErrorCode::incompatible_with_overlay, "shared-secret"));
}

TEST(VerifySelf, WithRsaToo) {
  TestDocument made{.overlay = security::TestOverlay(security::KeyType::rsa)};
  const auto good = verify_self(made.document(), test_now, made.verifier);
  EXPECT_TRUE(good) << good.error().message();
}

TEST(VerifySelf, RefusesEveryChange) {
  TestDocument made;
  const auto check = [&](const std::string& from, const std::string& to) {
    const auto document = ConfigurationDocument::parse(replaced(made.text(), from, to));
    if (!document) return testing::AssertionFailure() << document.error().message();
    return fails_with(verify_self(*document, test_now, made.verifier), ErrorCode::bad_signature);
  };
  EXPECT_TRUE(check("<initial-ttl>100", "<initial-ttl>99"));
  EXPECT_TRUE(check("<initial-ttl>", " <initial-ttl>"));  // Even white space counts.
  EXPECT_TRUE(check("\n    <initial-ttl>", "\r\n    <initial-ttl>"));
  EXPECT_TRUE(check("  </configuration>", " </configuration>"));
}

TEST(VerifySelf, LeavesWhatIsOutsideAlone) {
  TestDocument made;
  const auto document = ConfigurationDocument::parse(
      replaced(made.text(), "<configuration ", "<!-- <configuration> -->  <configuration "));
  ASSERT_TRUE(document);
  EXPECT_TRUE(verify_self(*document, test_now, made.verifier));
}

TEST(VerifySelf, RefusesAKindSignedByAnotherThanAKindSigner) {
  TestDocument made;
  // The configuration signer signs all, but Kinds are not his.
  auto forged = made.configuration;
  forged.kind_signers = {made.signer.node_id};
  const auto text = replaced(write_document(forged, made.signer, made.signer).value(),
                             "<kind-signer>" + made.signer.node_id.to_hex(),
                             "<kind-signer>" + made.kind_signer.node_id.to_hex());
  const auto resigned = ConfigurationDocument::parse(text).value();
  const auto block = security::sign_document(made.signer, as_bytes(resigned.blob())).value();
  const std::string whole = text.substr(0, text.find("<signature>")) + "<signature>" +
                            to_base64(wire::encode(block)) + "</signature></overlay>";
  const auto document = ConfigurationDocument::parse(whole);
  ASSERT_TRUE(document) << document.error().message();
  EXPECT_TRUE(fails_with(verify_self(*document, test_now, made.verifier), ErrorCode::bad_signature,
                         "not entitled"));
}

TEST(VerifySelf, RefusesASignerOfAnotherOverlay) {
  TestDocument made;
  TestDocument other;
  made.configuration.configuration_signers.insert(other.signer.node_id);
  const auto text = write_document(made.configuration, other.signer, made.kind_signer).value();
  EXPECT_TRUE(
      fails_with(verify_self(ConfigurationDocument::parse(text).value(), test_now, made.verifier),
                 ErrorCode::bad_certificate));
}

TEST(VerifySelf, RefusesAnExpiredDocument) {
  TestDocument made;
  made.configuration.expiration = test_now;
  EXPECT_TRUE(verify_self(made.document(), test_now - seconds{1}, made.verifier));
  EXPECT_TRUE(fails_with(verify_self(made.document(), test_now, made.verifier),
                         ErrorCode::config_too_old, "expired"));
}

class Successor : public testing::Test {
 protected:
  ConfigurationDocument next_document() {
    return ConfigurationDocument::parse(write_document(after, signer, made.kind_signer).value())
        .value();
  }
  auto verify() { return verify_successor(current, next_document(), test_now, made.verifier); }

  TestDocument made;
  security::Credential signer = made.signer;
  ConfigurationDocument current = made.document();
  OverlayConfiguration after = [this] {
    auto c = made.configuration;
    c.sequence = next(c.sequence);
    return c;
  }();
};

TEST_F(Successor, IsTakenIfLaterAndSigned) {
  const auto good = verify();
  EXPECT_TRUE(good) << good.error().message();
}

TEST_F(Successor, MustAskForNothingThatWeCannotDo) {
  after.no_ice = false;
  EXPECT_TRUE(fails_with(verify(), ErrorCode::incompatible_with_overlay, "ICE"));
}

TEST_F(Successor, MayComeRound) {
  made.configuration.sequence = ConfigSequence{65534};
  current = made.document();
  after.sequence = ConfigSequence{0};
  EXPECT_TRUE(verify());
}

TEST_F(Successor, MustBeLater) {
  after.sequence = made.configuration.sequence;
  EXPECT_TRUE(fails_with(verify(), ErrorCode::config_too_old, "not later"));
  after.sequence = ConfigSequence{0};
  EXPECT_TRUE(fails_with(verify(), ErrorCode::config_too_old, "not later"));
}

TEST_F(Successor, MustBeOfTheSameOverlay) {
  after.instance_name = "other.example.org";
  EXPECT_TRUE(fails_with(verify(), ErrorCode::incompatible_with_overlay));
}

// "Any configuration file MUST be signed by one of the configuration-signer elements from the
// previous extant configuration" (11.1): naming oneself in the new one does not help.
TEST_F(Successor, MustBeSignedByTheOldOnesSigner) {
  signer = TestDocument::credential(made.overlay.node());
  after.configuration_signers = {signer.node_id};
  EXPECT_TRUE(fails_with(verify(), ErrorCode::bad_signature, "not entitled"));
  // A change of signer goes over a document that the old one signs.
  signer = made.signer;
  after.configuration_signers.insert(made.signer.node_id);
  EXPECT_TRUE(verify());
}

TEST_F(Successor, MustBeUnderTheOldRoots) {
  security::TestOverlay stranger;
  after.root_certs = {stranger.root.certificate};
  signer = TestDocument::credential(stranger.node(made.signer.node_id));
  EXPECT_TRUE(fails_with(verify(), ErrorCode::bad_certificate));
}

TEST(KindBlockTest, StandsAloneInAConfigUpdate) {
  TestDocument made;
  const auto document = made.document();
  const std::string& text = document.text();
  const auto begin = text.find("<kind-block>");
  const auto end = text.find("</kind-block>") + std::string("</kind-block>").size();
  const auto kind = parse_kind_block(text.substr(begin, end - begin));
  ASSERT_TRUE(kind) << kind.error().message();
  EXPECT_EQ(kind->definition, made.configuration.kinds.front());
  auto authenticator = made.overlay.authenticator();
  EXPECT_TRUE(verify_kind(kind->block, document.configuration(), authenticator, test_now));
  auto changed = kind->block;
  changed.octets += ' ';
  EXPECT_TRUE(fails_with(verify_kind(changed, document.configuration(), authenticator, test_now),
                         ErrorCode::bad_signature, "SIP-REGISTRATION"));
  changed.signature.reset();
  EXPECT_TRUE(fails_with(verify_kind(changed, document.configuration(), authenticator, test_now),
                         ErrorCode::bad_signature));
  EXPECT_TRUE(fails_with(parse_kind_block(""), ErrorCode::malformed));
  EXPECT_TRUE(fails_with(
      parse_kind_block(text.substr(begin, end - begin) + text.substr(begin, end - begin)),
      ErrorCode::malformed));
}

}  // namespace
}  // namespace carillon::config
