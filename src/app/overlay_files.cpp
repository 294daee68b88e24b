#include "app/overlay_files.hpp"

#include <algorithm>
#include <memory>

#include "app/failure.hpp"
#include "app/node_id_choice.hpp"
#include "config/document_writer.hpp"
#include "io/clocks.hpp"
#include "io/files.hpp"
#include "io/http_client.hpp"
#include "io/secure_random.hpp"
#include "io/socket_address.hpp"
#include "security/creation.hpp"
#include "security/openssl_signer.hpp"

namespace carillon::app {
namespace {

namespace fs = std::filesystem;
using security::Issued;

void write(const fs::path& path, std::string_view content, io::FileMode mode) {
  must(io::write_file(path, as_bytes(content), mode));
}

void write_pair(const fs::path& directory, const std::string& name, const Issued& issued) {
  write(directory / (name + ".key"), issued.key.to_pem(), io::FileMode::secret);
  write(directory / (name + ".crt"), issued.certificate->to_pem(), io::FileMode::shared);
}

/// An empty place to write to: nobody's keys are overwritten.
void make_new_directory(const fs::path& directory, const char* must_not_hold) {
  if (fs::exists(directory / must_not_hold)) {
    throw Failure(directory.string() + " already holds " + must_not_hold);
  }
  must(io::make_directory(directory));
}

security::Credential credential_of(const Issued& issued) {
  return {.certificate = issued.certificate,
          .node_id = issued.certificate->node_ids().front(),
          .signer = std::make_shared<security::OpensslSigner>(issued.key)};
}

config::OverlayConfiguration new_configuration(const OverlaySettings& settings, const Issued& root,
                                               const NodeId& signer) {
  auto configuration = config::default_configuration(settings.name);
  configuration.root_certs = {root.certificate};
  configuration.configuration_signers = {signer};
  configuration.kind_signers = {signer};
  for (const auto& text : settings.bootstrap) {
    const auto at = must(io::parse_host_and_port(text), "--bootstrap");
    configuration.bootstrap_nodes.push_back({at.host, at.port});
  }
  for (const auto& url : settings.enrollment_servers) {
    (void)must(io::HttpUrl::parse_https(url), "--enrollment-server");
    configuration.enrollment_servers.push_back(url);
  }
  if (!settings.domains.empty()) {
    for (auto& kind : configuration.kinds) {
      if (kind.id != KindId::sip_registration) continue;
      kind.domain_restrictions = {.enable = true, .patterns = domain_patterns(settings.domains)};
    }
  }
  return configuration;
}

std::string node_user(const NodeId& node, const std::string& overlay) {
  return "node-" + node.to_hex() + "@" + overlay;
}

}  // namespace

security::Issuer read_issuer(const fs::path& directory, const std::string& name) {
  const auto certificate = directory / (name + ".crt");
  const auto key = directory / (name + ".key");
  return {must(security::Certificate::parse_pem(must(io::read_file(certificate))),
               certificate.string()),
          must(security::KeyPair::from_pem(must(io::read_file(key))), key.string())};
}

security::CertificatePtr read_root(const fs::path& overlay) {
  const auto path = overlay / "root.crt";
  return must(security::Certificate::parse_pem(must(io::read_file(path))), path.string());
}

void create_overlay(const OverlaySettings& settings) {
  io::SecureRandom random;
  const auto now = io::read_clocks().wall;
  const auto type = settings.key_type == "rsa" ? security::KeyType::rsa : security::KeyType::ecdsa;
  make_new_directory(settings.directory, "root.key");

  const auto root = must(security::create_root(settings.name, type, now, random));
  const auto signer_id = security::random_node_id(random);
  const auto signer =
      must(security::create_node(root,
                                 {.overlay_name = settings.name,
                                  .user_name = "configuration-signer@" + settings.name,
                                  .node_id = signer_id,
                                  .key_type = type},
                                 now, random));
  const auto credential = credential_of(signer);
  const auto document = must(
      config::write_document(new_configuration(settings, root, signer_id), credential, credential));
  write_pair(settings.directory, "config-signer", signer);
  write(settings.directory / "overlay.xml", document, io::FileMode::shared);
  write(settings.directory / "operator.key", security::OperatorKey::generate(random).to_text(),
        io::FileMode::secret);
  write_pair(settings.directory, "root", root);  // Last: it says that the rest is there.
}

NodeId enroll_peer(const fs::path& overlay, const fs::path& out) {
  io::SecureRandom random;
  const auto now = io::read_clocks().wall;
  const auto document =
      must(config::ConfigurationDocument::parse(must(io::read_file(overlay / "overlay.xml"))),
           (overlay / "overlay.xml").string());
  const auto& name = document.configuration().instance_name;
  const auto root = read_issuer(overlay, "root");
  make_new_directory(out, "node.key");

  const auto node_id = choose_node_id(overlay / "enrolled", random);
  const auto type = root.key.type();
  const auto node = must(security::create_node(root,
                                               {.overlay_name = name,
                                                .user_name = node_user(node_id, name),
                                                .node_id = node_id,
                                                .key_type = type},
                                               now, random));
  const auto registrar =
      must(security::create_registrar(root,
                                      {.overlay_name = name,
                                       .node_id = node_id,
                                       .email_domains = sip_domains(document.configuration()),
                                       .key_type = type},
                                      now, random));
  write(out / "root.crt", root.certificate->to_pem(), io::FileMode::shared);
  write(out / "overlay.xml", document.text(), io::FileMode::shared);
  write(out / "operator.key", must(io::read_file(overlay / "operator.key")), io::FileMode::secret);
  write_pair(out, "registrar-ca", registrar);
  write_pair(out, "node", node);
  return node_id;
}

}  // namespace carillon::app
