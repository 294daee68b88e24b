#pragma once

#include <string>

#include "config/configuration_document.hpp"
#include "config/document_writer.hpp"
#include "security/test_overlay.hpp"

namespace carillon::config {

using security::fails_with;
using security::test_now;

/// An overlay with a configuration signer, and its document.
struct TestDocument {
  security::TestOverlay overlay;
  security::Credential signer = credential(overlay.node());
  security::Credential kind_signer = credential(overlay.node());
  OverlayConfiguration configuration = initial();
  std::shared_ptr<security::Verifier> verifier = std::make_shared<security::OpensslVerifier>();

  static security::Credential credential(const security::Issued& issued) {
    return {issued.certificate,
            {},
            issued.certificate->node_ids().front(),
            std::make_shared<security::OpensslSigner>(issued.key)};
  }

  OverlayConfiguration initial() const {
    auto made = default_configuration(overlay.overlay_name);
    made.root_certs = {overlay.root.certificate};
    made.configuration_signers = {signer.node_id};
    made.kind_signers = {kind_signer.node_id};
    made.bootstrap_nodes = {{"192.0.2.1", 6084}, {"2001:db8::1", 7000}};
    return made;
  }
  std::string text() const { return write_document(configuration, signer, kind_signer).value(); }
  ConfigurationDocument document() const { return ConfigurationDocument::parse(text()).value(); }
};

/// `text` with the first `from` in it replaced; fails the test if there is none.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace carillon::config
