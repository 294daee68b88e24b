#include <algorithm>
#include <memory>

#include "app/failure.hpp"
#include "app/overlay_files.hpp"
#include "io/clocks.hpp"
#include "io/files.hpp"
#include "io/secure_random.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::app {
namespace {

namespace fs = std::filesystem;

config::ConfigurationDocument read_configuration(const fs::path& directory) {
  const auto path = directory / "overlay.xml";
  auto document =
      must(config::ConfigurationDocument::parse(must(io::read_file(path))), path.string());
  must(config::verify_self(document, io::read_clocks().wall,
                           std::make_shared<security::OpensslVerifier>()),
       path.string());
  const auto root = directory / "root.crt";
  const auto certificate =
      must(security::Certificate::parse_pem(must(io::read_file(root))), root.string());
  const bool trusted = std::ranges::any_of(
      document.configuration().root_certs,
      [&](const auto& listed) { return listed->digest() == certificate->digest(); });
  if (!trusted) throw Failure(path.string() + " does not trust the root in " + root.string());
  return document;
}

/// A file that is no certificate or key should be named, not only "one of them is wrong".
std::string read_certificates(const fs::path& path) {
  auto pem = must(io::read_file(path));
  (void)must(security::Certificate::parse_pem_list(pem), path.string());
  return pem;
}

std::string read_key(const fs::path& path) {
  auto pem = must(io::read_file(path));
  (void)must(security::KeyPair::from_pem(pem), path.string());
  return pem;
}

}  // namespace

PeerFiles load_peer(const fs::path& directory) {
  io::SecureRandom random;
  auto configuration = read_configuration(directory);
  security::Identity::Pem pem{
      .node_certificates = read_certificates(directory / "node.crt"),
      .node_key = read_key(directory / "node.key"),
      .registrar_certificate = read_certificates(directory / "registrar-ca.crt"),
      .registrar_key = read_key(directory / "registrar-ca.key")};
  auto identity = must(security::Identity::from_pem(pem, random), directory.string());
  const auto& overlay = configuration.configuration().instance_name;
  if (identity.overlay_name() != overlay) {
    throw Failure((directory / "node.crt").string() + " is of the overlay " +
                  identity.overlay_name() + ", the configuration of " + overlay);
  }
  std::vector<Bytes> chain;
  for (const auto& certificate :
       must(security::Certificate::parse_pem_list(pem.node_certificates))) {
    chain.push_back(certificate->der());
  }
  const auto operator_path = directory / "operator.key";
  auto operator_key = must(security::OperatorKey::from_text(must(io::read_file(operator_path))),
                           operator_path.string());
  auto key = must(security::KeyPair::from_pem(pem.node_key));
  return {.configuration = std::move(configuration),
          .identity = std::move(identity),
          .operator_key = operator_key,
          .chain = std::move(chain),
          .key = std::move(key)};
}

}  // namespace carillon::app
