#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <carillon/ids.hpp>

#include "config/configuration_document.hpp"
#include "security/identity.hpp"
#include "security/seal.hpp"

// The files of an overlay and of a peer. All functions throw Failure.
namespace carillon::app {

/// What `carillon overlay create` is told.
struct OverlaySettings {
  std::string name{};
  std::filesystem::path directory{};
  std::vector<std::string> domains{};
  std::string key_type{"ecdsa"};
  std::vector<std::string> bootstrap{};
  std::vector<std::string> enrollment_servers{};  ///< https: URLs
};

/// Writes {root,config-signer}.{crt,key}, overlay.xml and operator.key. Overwrites nothing.
void create_overlay(const OverlaySettings& settings);

/// Writes {node,registrar-ca}.{crt,key} of a new peer, and copies of root.crt, overlay.xml and
/// operator.key. The new Node-ID.
NodeId enroll_peer(const std::filesystem::path& overlay, const std::filesystem::path& out);

/// A certificate and its key among an overlay's files.
[[nodiscard]] security::Issuer read_issuer(const std::filesystem::path& directory,
                                           const std::string& name);
[[nodiscard]] security::CertificatePtr read_root(const std::filesystem::path& overlay);

/// What a peer is started from, checked as far as it can be without others: the document's
/// signature, that keys and certificates fit, that the certificate is of this overlay.
struct PeerFiles {
  config::ConfigurationDocument configuration;
  security::Identity identity;
  security::OperatorKey operator_key;
  std::vector<Bytes> chain{};  ///< The node's certificates, DER, for TLS.
  security::KeyPair key;       ///< The node's.
};
[[nodiscard]] PeerFiles load_peer(const std::filesystem::path& directory);

/// The SIP domains that an overlay serves, lower case: those that its SIP-REGISTRATION Kind
/// allows by name (RFC 7904, 3.3), else the overlay's own.
[[nodiscard]] std::vector<std::string> sip_domains(const config::OverlayConfiguration& overlay);
/// The patterns that allow exactly `domains`.
[[nodiscard]] std::vector<std::string> domain_patterns(const std::vector<std::string>& domains);

}  // namespace carillon::app
