#pragma once

#include <string>

#include "config/overlay_configuration.hpp"
#include "security/credential.hpp"

namespace carillon::config {

/// A new document: `configuration` as XML, each Kind signed by `kind_signer` and the whole by
/// `configuration_signer` (RFC 6940, 11.1). Both must stand in the configuration's lists, and
/// sequence, name and limits be legal: the result is parsed again before it is handed out, and
/// what `ConfigurationDocument::parse` says is the error.
[[nodiscard]] Result<std::string> write_document(const OverlayConfiguration& configuration,
                                                 const security::Credential& configuration_signer,
                                                 const security::Credential& kind_signer);

/// What `carillon overlay create` starts from: no-ice, Carillon's Kinds with sensible limits, and
/// room in a message for the certificate chains.
[[nodiscard]] OverlayConfiguration default_configuration(std::string instance_name);

/// The Kinds of Carillon: SIP-REGISTRATION, CERTIFICATE_BY_NODE, CERTIFICATE_BY_USER,
/// carillon_contacts, carillon_credential and carillon_enrollment.
[[nodiscard]] std::vector<KindDefinition> default_kinds();

/// Restrictions that take exactly these SIP domains (RFC 7904, 3.3).
[[nodiscard]] DomainRestrictions restricted_to(const std::vector<std::string>& domains);

}  // namespace carillon::config
