// openssl's command line judges what we make: it knows nothing of our code.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "base/hex.hpp"
#include "security/certificate_builder.hpp"
#include "test_overlay.hpp"

namespace carillon::security {
namespace {

/// A directory of its own, gone at the end.
class Judge : public testing::TestWithParam<KeyType> {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "carillon-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / name, std::ios::binary) << text;
  }
  void write(const std::string& name, const Bytes& octets) {
    write(name, std::string(as_text(octets)));
  }
  /// Runs a command in the directory; its output, and whether it exited with 0.
  std::pair<bool, std::string> run(const std::string& command) {
    FILE* pipe = popen(("cd '" + directory.string() + "' && " + command + " 2>&1").c_str(), "r");
    std::string output;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      output += static_cast<char>(c);
    }
    const int status = pclose(pipe);
    return {WIFEXITED(status) && WEXITSTATUS(status) == 0, output};
  }
  std::string verify_command(const std::string& file) {
    return "openssl verify -x509_strict -CAfile root.crt -untrusted ca.crt -attime " +
           std::to_string(to_milliseconds(test_now) / 1000) + " " + file;
  }

  std::filesystem::path directory;
  TestOverlay overlay{GetParam()};
  NodeId id = NodeId::from_hex("00112233445566778899aabbccddeeff").value();
};
INSTANTIATE_TEST_SUITE_P(KeyTypes, Judge, testing::Values(KeyType::ecdsa, KeyType::rsa));

TEST_P(Judge, AcceptsOurChains) {
  const auto node = overlay.node(id);
  const auto ca = overlay.registrar(id);
  auto identity = Identity::from_pem({node.certificate->to_pem(), node.key.to_pem(),
                                      ca.certificate->to_pem(), ca.key.to_pem()},
                                     overlay.random)
                      .value();
  write("root.crt", overlay.root.certificate->to_pem());
  write("ca.crt", ca.certificate->to_pem());
  write("node.crt", node.certificate->to_pem());
  write("user.crt", identity.user("alice@example.org", test_now).value()->certificate->to_pem());
  for (const std::string file : {"node.crt", "ca.crt", "user.crt"}) {
    const auto [good, output] = run(verify_command(file));
    EXPECT_TRUE(good) << output;
  }
  EXPECT_FALSE(run("openssl verify -CAfile root.crt user.crt").first);
}

TEST_P(Judge, RefusesAUserOutsideTheRegistrarsDomains) {
  const auto ca = overlay.registrar(id, {"example.org"});
  write("root.crt", overlay.root.certificate->to_pem());
  write("ca.crt", ca.certificate->to_pem());
  // A registrar that goes astray: our own CertificateMint would refuse.
  const auto issue = [&](const std::string& user) {
    CertificateBuilder builder;
    builder.set_serial(Bytes{1});
    builder.set_validity(test_now, test_now + one_day);
    builder.set_key(ca.key.public_key());
    builder.add_key_usage(KU_DIGITAL_SIGNATURE);
    builder.add_authority_key_id(*ca.certificate);
    builder.set_names({id, overlay.overlay_name}, user);
    write("user.crt", builder.sign(ca.certificate.get(), ca.key).value()->to_pem());
  };
  issue("alice@example.org");
  EXPECT_TRUE(run(verify_command("user.crt")).first);
  issue("alice@example.com");
  const auto [good, output] = run(verify_command("user.crt"));
  EXPECT_FALSE(good);
  EXPECT_NE(output.find("permitted subtree violation"), std::string::npos) << output;
}

TEST_P(Judge, ReadsOurNames) {
  write("node.crt", overlay.node(id).certificate->to_pem());
  write("ca.crt", overlay.registrar(id, {"example.org"}).certificate->to_pem());
  write("root.crt", overlay.root.certificate->to_pem());
  const std::string node = run("openssl x509 -noout -text -in node.crt").second;
  EXPECT_NE(node.find("X509v3 Subject Alternative Name: critical"), std::string::npos) << node;
  EXPECT_NE(node.find("URI:reload://011000112233445566778899aabbccddeeff@overlay.example.org/, "
                      "email:node-00112233445566778899aabbccddeeff@overlay.example.org"),
            std::string::npos)
      << node;
  EXPECT_NE(node.find("Subject: \n"), std::string::npos) << node;
  EXPECT_NE(node.find("Digital Signature\n"), std::string::npos) << node;
  const std::string ca = run("openssl x509 -noout -text -in ca.crt").second;
  EXPECT_NE(ca.find("CA:TRUE, pathlen:0"), std::string::npos) << ca;
  EXPECT_NE(ca.find("X509v3 Name Constraints: critical"), std::string::npos) << ca;
  EXPECT_NE(ca.find("email:example.org"), std::string::npos) << ca;
  const std::string root = run("openssl x509 -noout -text -in root.crt").second;
  EXPECT_NE(root.find("CA:TRUE\n"), std::string::npos) << root;
  EXPECT_NE(root.find("Certificate Sign, CRL Sign"), std::string::npos) << root;
}

TEST_P(Judge, VerifiesOurSignatures) {
  const auto node = overlay.node(id);
  OpensslSigner signer(node.key);
  const Bytes input = to_bytes(as_bytes("the octets that are signed"));
  write("node.crt", node.certificate->to_pem());
  write("input", input);
  write("signature", signer.sign(input).value());
  const std::string check =
      "openssl x509 -in node.crt -pubkey -noout > key.pub && "
      "openssl dgst -sha256 -verify key.pub -signature signature input";
  const auto [good, output] = run(check);
  EXPECT_TRUE(good) << output;
  write("input", "other octets");
  EXPECT_FALSE(run(check).first);
}

TEST_P(Judge, SignaturesAreVerifiedByUs) {
  const auto node = overlay.node(id);
  write("node.key", node.key.to_pem());
  write("input", "the octets that are signed");
  const auto [good, output] = run("openssl dgst -sha256 -sign node.key input | od -An -tx1 -v");
  ASSERT_TRUE(good) << output;
  const Bytes signature = from_hex(output).value();
  OpensslVerifier verifier;
  EXPECT_TRUE(verifier.verify(node.certificate->public_key(),
                              as_bytes("the octets that are signed"), signature));
  EXPECT_FALSE(verifier.verify(node.certificate->public_key(),
                               as_bytes("the octets that are signEd"), signature));
}

}  // namespace
}  // namespace carillon::security
