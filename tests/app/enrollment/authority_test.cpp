#include "app/enrollment/authority.hpp"

#include <map>

#include <gmock/gmock.h>

#include "security/chain_verifier.hpp"
#include "security/test_overlay.hpp"

namespace carillon::app {
namespace {

using security::CertificateRequest;
using security::KeyPair;
using security::KeyType;
using security::test_now;
using testing::HasSubstr;

/// An overlay in memory.
struct MemoryOverlay final : EnrollmentOverlay {
  Result<std::vector<Claim>> claims(const std::string& token_id) override {
    if (!reachable) return fail(ErrorCode::unreachable, "test", "cut off");
    return kept[token_id];
  }
  Result<void> add_claim(const std::string& token_id, const Claim& claim, seconds) override {
    if (!reachable) return fail(ErrorCode::unreachable, "test", "cut off");
    if (rival) kept[token_id].push_back(*rival);
    kept[token_id].push_back(claim);
    return {};
  }
  Result<RingView> ring() override {
    if (!reachable) return fail(ErrorCode::unreachable, "test", "cut off");
    return view;
  }

  std::map<std::string, std::vector<Claim>> kept;
  RingView view{{}, {"192.0.2.1:6084"}};
  std::optional<Claim> rival;  ///< Of another server, at the same moment.
  bool reachable{true};
};

class Authority : public testing::Test {
 protected:
  static MultipartForm::Field csr(const KeyPair& key, const char* name = "csr") {
    const auto der = CertificateRequest::create(key).value();
    return {name, "application/pkcs10", std::string(der.begin(), der.end())};
  }
  Token new_token(seconds lifetime = seconds{600}) {
    return Token::create(token_key, overlay.root.certificate->digest(), test_now + lifetime,
                         overlay.random);
  }
  static MultipartForm form(const Token& token, const KeyPair& key) {
    MultipartForm form;
    form.add({.name = "username", .content = token.user_name()});
    form.add({.name = "password", .content = token.text()});
    form.add(csr(key));
    return form;
  }
  EnrollmentAuthority authority() {
    return EnrollmentAuthority({.root = overlay.root,
                                .overlay_name = overlay.overlay_name,
                                .domains = {"example.org"},
                                .token_key = token_key,
                                .overlay = ring,
                                .random = overlay.random});
  }
  /// Why not, as HTTP says it: "403 bad_CSR".
  static std::string refusal(const auto& result) {
    if (result) return "enrolled";
    return std::to_string(result.error().status) + " " + result.error().token;
  }

  security::TestOverlay overlay;
  TokenKey token_key = TokenKey::generate(overlay.random);
  MemoryOverlay ring;
  KeyPair key = KeyPair::generate(KeyType::ecdsa).value();
  KeyPair other_key = KeyPair::generate(KeyType::ecdsa).value();
};

TEST_F(Authority, CertifiesANewNode) {
  const auto enrolled = authority().enroll(form(new_token(), key), test_now).value();
  security::ChainVerifier verifier(overlay.anchors());
  EXPECT_TRUE(verifier.verify(enrolled.node, {}, test_now));
  EXPECT_EQ(enrolled.node->node_ids(), std::vector{enrolled.node_id});
  EXPECT_EQ(enrolled.node->user_name(),
            "node-" + enrolled.node_id.to_hex() + "@" + overlay.overlay_name);
  EXPECT_EQ(enrolled.node->public_key().to_der(), key.public_key().to_der());
  EXPECT_EQ(enrolled.bootstrap, ring.view.addresses);
}

TEST_F(Authority, CertifiesARegistrar) {
  auto asked = form(new_token(), key);
  asked.add(csr(other_key, "registrar-csr"));
  const auto peer = authority().enroll_registrar(asked, test_now).value();
  EXPECT_EQ(peer.ca->node_ids(), std::vector{peer.enrolled.node_id});
  EXPECT_EQ(peer.ca->email_domains(), std::vector<std::string>{"example.org"});
  EXPECT_TRUE(security::Identity::from_pem(
      {peer.enrolled.node->to_pem(), key.to_pem(), peer.ca->to_pem(), other_key.to_pem()},
      overlay.random));
}

TEST_F(Authority, ATokenIsGoodForOneKey) {
  auto one = authority();
  const auto token = new_token();
  const auto first = one.enroll(form(token, key), test_now).value();
  EXPECT_EQ(refusal(one.enroll(form(token, other_key), test_now)), "403 failed_authentication");
  // Whose answer was lost may ask again, and at another server, and is the same node.
  EXPECT_EQ(authority().enroll(form(token, key), test_now).value().node_id, first.node_id);
  EXPECT_EQ(refusal(authority().enroll(form(token, other_key), test_now)),
            "403 failed_authentication");
}

TEST_F(Authority, TwoServersAtTheSameMomentGiveNothing) {
  ring.rival = Claim{sha256(as_bytes("other")), NodeId{}};
  EXPECT_EQ(refusal(authority().enroll(form(new_token(), key), test_now)),
            "403 failed_authentication");
}

TEST_F(Authority, WhoHasNoGoodTokenIsRefused) {
  const std::string no = "403 failed_authentication";
  const auto token = new_token();
  MultipartForm nameless;
  nameless.add({.name = "password", .content = token.text()});
  nameless.add(csr(key));
  EXPECT_EQ(refusal(authority().enroll(nameless, test_now)), no);
  EXPECT_EQ(refusal(authority().enroll({}, test_now)), no);
  EXPECT_EQ(refusal(authority().enroll(form(token, key), test_now + seconds{600})), no);
  const auto forged =
      Token::create(TokenKey::generate(overlay.random), overlay.root.certificate->digest(),
                    test_now + seconds{60}, overlay.random);
  EXPECT_EQ(refusal(authority().enroll(form(forged, key), test_now)), no);
  const auto foreign =
      Token::create(token_key, sha256(as_bytes("x")), test_now + seconds{60}, overlay.random);
  EXPECT_EQ(refusal(authority().enroll(form(foreign, key), test_now)), no);
  EXPECT_TRUE(ring.kept.empty());
}

TEST_F(Authority, BadRequestsAreRefusedAndTheTokenStaysGood) {
  const auto token = new_token();
  const auto with = [&](MultipartForm::Field field) {
    MultipartForm form;
    form.add({.name = "username", .content = token.user_name()});
    form.add({.name = "password", .content = token.text()});
    form.add(std::move(field));
    return refusal(authority().enroll(form, test_now));
  };
  auto broken = csr(key);
  broken.content.back() ^= 1;
  EXPECT_EQ(with(broken), "403 bad_CSR");
  auto cut = csr(key);
  cut.content.pop_back();
  EXPECT_EQ(with(cut), "403 bad_CSR");
  auto mistyped = csr(key);
  mistyped.content_type = "text/plain";
  EXPECT_EQ(with(mistyped), "403 bad_CSR");
  EXPECT_EQ(with({"csr", "application/pkcs10", "nonsense"}), "403 bad_CSR");
  EXPECT_EQ(with({"x", "", ""}), "403 bad_CSR");
  auto many = form(token, key);
  many.add({.name = "nodeids", .content = "2"});
  EXPECT_EQ(refusal(authority().enroll(many, test_now)), "403 Node-IDs_not_available");
  auto registrar = form(token, key);
  EXPECT_EQ(refusal(authority().enroll_registrar(registrar, test_now)), "403 bad_CSR");
  EXPECT_TRUE(authority().enroll(form(token, key), test_now));
}

TEST_F(Authority, WithoutTheOverlayNobodyIsEnrolled) {
  ring.reachable = false;
  const auto token = new_token();
  const auto refused = authority().enroll(form(token, key), test_now);
  EXPECT_EQ(refusal(refused), "503 try_again");
  EXPECT_THAT(refused.error().reason, HasSubstr("cut off"));
  ring.reachable = true;
  EXPECT_TRUE(authority().enroll(form(token, key), test_now));
}

TEST_F(Authority, NodeIdsEvenOutTheRing) {
  auto one = authority();
  std::vector<NodeId> nodes;
  for (int i = 0; i < 8; ++i) {
    const auto fresh = KeyPair::generate(KeyType::ecdsa).value();
    nodes.push_back(one.enroll(form(new_token(), fresh), test_now).value().node_id);
    // Every other one has joined before the next one asks; those that have not count, too.
    if (i % 2 == 0) ring.view.peers = nodes;
  }
  std::ranges::sort(nodes);
  // The first octet says enough: no gap of more than 1.6/8 of the ring.
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const int here = nodes[i].octets()[0];
    const int next = nodes[(i + 1) % nodes.size()].octets()[0];
    EXPECT_LE((next - here + 256) % 256, 256 * 1.6 / 8 + 1);
  }
}

}  // namespace
}  // namespace carillon::app
